import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileTemplate } from './template.ts'

const data = {
  ID: 'abc',
  Count: 3,
  Zero: 0,
  Empty: '',
  Nothing: null,
  Names: ['a', 'b'],
  Networks: { net2: { IPAddress: '172.18.0.2' }, bridge: { IPAddress: '172.17.0.2' } },
  Labels: { 'com.example/x': 'y' },
  State: { Running: true, ExitCode: 0 },
  Label: (name: string) => `<${name}>`,
}

const cases: readonly [template: string, output: string][] = [
  ['', ''],
  ['plain } text {', 'plain } text {'],
  ['{{.ID}}', 'abc'],
  ['{{ .ID }}:{{.Count}}', 'abc:3'],
  ['{{.State.Running}} {{$.ID}}', 'true abc'],
  ['{{json .}}', JSON.stringify(data)],
  ['{{json .Networks.bridge}}', '{"IPAddress":"172.17.0.2"}'],
  ['{{.Networks.bridge.IPAddress}}', '172.17.0.2'],
  ['{{range $k, $v := .Networks}}{{$k}}={{$v.IPAddress}} {{end}}', 'bridge=172.17.0.2 net2=172.18.0.2 '],
  ['{{range .Networks}}{{.IPAddress}};{{end}}', '172.17.0.2;172.18.0.2;'],
  ['{{range $i, $n := .Names}}{{if $i}},{{end}}{{$n}}{{end}}', 'a,b'],
  ['{{range .Nothing}}x{{else}}none{{end}}', 'none'],
  ['{{range .Names}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
  ['{{range .Names}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{end}}', 'b'],
  ['{{range 3}}{{.}}{{end}}', '012'],
  ['{{index .Names 1}} {{index .Labels "com.example/x"}} {{(index .Networks "net2").IPAddress}}', 'b y 172.18.0.2'],
  ['{{index .Labels "no"}}', '<no value>'],
  ['{{len .Names}} {{len .ID}} {{len .Networks}}', '2 3 2'],
  ['{{join .Names ", "}}|{{upper .ID}}|{{.ID | upper | printf "%s-%d" "x" }}', 'a, b|ABC|x-%!d(string=ABC)'],
  [
    '{{printf "%.2s %5s|%-5s|%05d|%q|%t|%v|%%" .ID .ID .ID .Count .ID true .Names}}',
    'ab   abc|abc  |00003|"abc"|true|[a b]|%',
  ],
  ['{{if .Zero}}1{{else if .Empty}}2{{else if .Nothing}}3{{else}}4{{end}}', '4'],
  ['{{if and .ID (not .Zero)}}yes{{end}}{{if or .Zero .Empty}}no{{end}}', 'yes'],
  ['{{if gt .Count 2}}many{{end}} {{if lt .Count 3}}few{{end}} {{eq .Count 1 2 3}} {{ne .ID "x"}}', 'many  true true'],
  ['{{with .State}}{{.ExitCode}}{{end}}{{with .Nothing}}x{{else}}-{{end}}', '0-'],
  ['{{$x := .ID}}{{if true}}{{$x = "new"}}{{end}}{{$x}}', 'new'],
  ['a  {{- .ID -}}  b', 'aabcb'],
  ['{{/* a comment */}}{{- /* and one */ -}}', ''],
  ['{{.Names}} {{.Labels}} {{.Nothing}}', '[a b] map[com.example/x:y] <nil>'],
  ['{{.Label "k"}} {{"k" | .Label}}', '<k> <k>'],
  ['{{"a\\tb"}}{{`raw\\t`}}{{println "x" 1}}', 'a\tbraw\\tx 1\n'],
  ['{{if .State.Health}}{{.State.Health.Status}}{{else}}no check{{end}}', 'no check'],
  [
    '{{split "a:b" ":"}} {{title "one two"}} {{lower "ABC"}} {{truncate "abcdef" 3}} {{pad "x" 1 2}}|',
    '[a b] One Two abc abc  x  |',
  ],
  ['{{range .Names}}{{println .}}{{end}}', 'a\nb\n'],
  ['{{"}}"}}', '}}'],
]

for (const [template, output] of cases) {
  test(`compileTemplate() renders ${JSON.stringify(template)}`, () => {
    assert.equal(compileTemplate(template).render(data), output)
  })
}

const failures: readonly [template: string, message: RegExp][] = [
  ['{{.ID', /^template parsing error: template: :1: unclosed action$/],
  ['{{"abc}}', /unterminated quoted string/],
  ['{{if .ID}}x', /unexpected EOF/],
  ['{{end}}', /unexpected \{\{end\}\}/],
  ['{{nosuch .ID}}', /function "nosuch" not defined/],
  ['{{}}', /missing value for command/],
  ['{{(.ID}}', /unclosed left paren/],
  ['{{.ID ^}}', /unexpected "\^" in operand/],
  ['{{.Foo}}', /at <\.Foo>: map has no entry for key "Foo"/],
  ['{{.State.Health.Status}}', /at <\.State\.Health\.Status>: nil pointer evaluating interface \{\}\.Status/],
  ['{{.ID.x}}', /can't evaluate field x in type string/],
  ['{{$nosuch}}', /undefined variable "\$nosuch"/],
  ['{{index .Names 7}}', /index out of range: 7/],
  ['{{gt .ID 1}}', /incompatible types for comparison/],
  ['{{range .ID}}{{end}}', /range can't iterate over abc/],
]

for (const [template, message] of failures) {
  test(`compileTemplate() refuses ${JSON.stringify(template)}`, () => {
    assert.throws(() => compileTemplate(template).render(data), { message })
  })
}
