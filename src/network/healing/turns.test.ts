import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

test('Turns gives everybody a turn, also when the list becomes longer or shorter', () => {
  const turns = new Turns(2)
  const list = ['a', 'b', 'c']
  const taken = (all: readonly string[]) => {
    const { isFirst, some } = turns.next(all)
    return `${isFirst ? 'first ' : ''}${some.join('')}`
  }
  assert.deepEqual([taken(list), taken(list), taken(list)], ['first ab', 'c', 'first ab'])
  assert.deepEqual([taken([...list, 'd', 'e']), taken([...list, 'd', 'e'])], ['cd', 'e'])
  assert.deepEqual([taken(['a']), taken([]), taken(['a'])], ['first a', 'first ', 'first a'])
})
