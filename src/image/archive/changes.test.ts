import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChanges } from './changes.ts'

test('applyChanges() sets what the instructions say, in JSON and in shell form', () => {
  const changes = [
    'CMD ["sh", "-c", "echo hi"]',
    'entrypoint /bin/tool --flag "$X"',
    'ENV A=1 B="two words" C=three\\ words',
    'ENV PATH /bin:/usr/bin # kept',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own form is what is tested
    'ENV PATH=$PATH:/x D=${A}${NONE:-none}${A:+set}',
    'EXPOSE 80 53/udp 8000-8002/TCP',
    'LABEL a=b "quoted key"=\'single $A\'',
    'USER 1000:1000',
    'WORKDIR /srv',
    'WORKDIR app',
    'VOLUME ["/data", "/more"]',
    'VOLUME /third /fourth',
    'STOPSIGNAL SIGINT',
    'ONBUILD RUN true',
    'HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f localhost',
    '# a comment',
    '',
  ]
  assert.deepEqual(applyChanges({}, changes), {
    Cmd: ['sh', '-c', 'echo hi'],
    Entrypoint: ['/bin/sh', '-c', '/bin/tool --flag "$X"'],
    Env: ['A=1', 'B=two words', 'C=three words', 'PATH=/bin:/usr/bin # kept:/x', 'D=1noneset'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {}, '8002/tcp': {} },
    Labels: { a: 'b', 'quoted key': 'single $A' },
    User: '1000:1000',
    WorkingDir: '/srv/app',
    Volumes: { '/data': {}, '/more': {}, '/third': {}, '/fourth': {} },
    StopSignal: 'SIGINT',
    OnBuild: ['RUN true'],
    Healthcheck: { Test: ['CMD-SHELL', 'curl -f localhost'], Interval: 90e9, Retries: 3 },
  })
  assert.deepEqual(applyChanges({}, ['HEALTHCHECK NONE', 'CMD []']), { Healthcheck: { Test: ['NONE'] }, Cmd: [] })
  assert.deepEqual(applyChanges({ Env: ['A=1'] }, ['CMD a\nENV A=2']), { Env: ['A=2'], Cmd: ['/bin/sh', '-c', 'a'] })
})

test('applyChanges() refuses what is no such instruction', () => {
  const cases = [
    ['RUN true', /^run is not a valid change command$/],
    ['CMD', /^CMD requires at least one argument$/],
    ['ENV A', /^ENV must have two arguments$/],
    ['ENV A=1 B', /can't find = in "B"/],
    ['ENV =1', /names can not be blank/],
    ['EXPOSE abc', /^invalid containerPort: abc$/],
    ['EXPOSE 80/icmp', /^invalid proto: icmp$/],
    ['EXPOSE 70000', /^invalid containerPort: 70000$/],
    ['LABEL a="b', /looking for matching double-quote$/],
    ['USER ${', /missing '}'/],
    ['HEALTHCHECK CMD', /^Missing command after HEALTHCHECK CMD$/],
    ['HEALTHCHECK --interval=x CMD a', /invalid duration "x"/],
  ] as const
  for (const [line, message] of cases)
    assert.throws(() => applyChanges({}, [line]), { kind: 'invalid-argument', message }, line)
})
