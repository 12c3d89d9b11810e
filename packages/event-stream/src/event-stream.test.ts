import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventReader } from './index.ts'

test('Events of a stream are read whole wherever it is cut, with either end of a line', () => {
  for (const end of ['\n', '\r\n']) {
    const text = ['retry: 5', '', 'event: snapshot', 'data: {"a":', 'data: 1}', '', ': beat', 'data: x', '', ''].join(
      end,
    )
    for (let cut = 0; cut <= text.length; cut++) {
      const heard: [string, string][] = []
      const read = eventReader((name, data) => heard.push([name, data]))
      read(text.slice(0, cut))
      read(text.slice(cut))
      assert.deepEqual(
        heard,
        [
          ['snapshot', '{"a":\n1}'],
          ['message', 'x'],
        ],
        JSON.stringify(text.slice(0, cut)),
      )
    }
  }
})
