import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPath, mergeVariables, planEnvironment, variableOf } from './environment.ts'

test('planEnvironment() sets what every container has, and lets its own values win', () => {
  const facts = { hostname: 'h1', terminal: false }
  assert.deepEqual(planEnvironment(['A=b=c'], facts), [`PATH=${defaultPath}`, 'HOSTNAME=h1', 'A=b=c'])
  assert.deepEqual(planEnvironment(['TERM=vt100', 'PATH=/x', 'HOME=/me'], { ...facts, terminal: true }), [
    'PATH=/x',
    'HOSTNAME=h1',
    'TERM=vt100',
    'HOME=/me',
  ])
})

test('mergeVariables() replaces in place and removes what is named without a value', () => {
  assert.deepEqual(mergeVariables(['A=1', 'B=2'], ['A=3', 'B', 'C=']), ['A=3', 'C='])
})

test('variableOf() reads one value', () => {
  assert.equal(variableOf(['AB=1', 'A=2=3'], 'A'), '2=3')
  assert.equal(variableOf([], 'A'), undefined)
})
