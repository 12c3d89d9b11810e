/**
 * Requests that are not what they seem, as bytes. `/p@@@` becomes the probe's own path, of the same length, so that an
 * origin can tell by what it saw whose it was, and all of them can run at once.
 */
export interface Probe {
  what: string
  bytes: string
  /** What an origin may see of it: `METHOD target`, and the body where there is one. Nothing for what is refused. */
  sees: string[]
}

export const probeHost = 'permits.example.org'
/** Whatever carries this word must reach no application. */
export const forgedWord = 'forged-value'

const host = `Host: ${probeHost}\r\n`
const behind = `GET /p@@@/smuggled HTTP/1.1\r\n${host}\r\n`
const post = `POST /p@@@ HTTP/1.1\r\n${host}`
const get = `GET /p@@@ HTTP/1.1\r\n${host}`
const chunked = 'Transfer-Encoding: chunked\r\n'
const plain = 'GET /p@@@'

function refused(what: string, bytes: string): Probe {
  return { what, bytes, sees: [] }
}

function passed(what: string, text: string, ...sees: string[]): Probe {
  return { what, bytes: text, sees: sees.length === 0 ? [plain] : sees }
}

const lengths: Probe[] = [
  refused('length and chunks (CL.TE)', `${post}Content-Length: 6\r\n${chunked}\r\n0\r\n\r\n${behind}`),
  refused('chunks and length (TE.CL)', `${post}${chunked}Content-Length: 4\r\n\r\n3a\r\n${behind}\r\n0\r\n\r\n`),
  refused('two different lengths', `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab${behind}`),
  refused('the same length twice', `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab${behind}`),
  refused('a list of lengths', `${post}Content-Length: 2, 2\r\n\r\nab${behind}`),
  refused('a length with a plus', `${post}Content-Length: +2\r\n\r\nab${behind}`),
  refused('a negative length', `${post}Content-Length: -1\r\n\r\n${behind}`),
  refused('a length in hex', `${post}Content-Length: 0x2\r\n\r\nab${behind}`),
  refused('a length with a space inside', `${post}Content-Length: 1 0\r\n\r\n0123456789${behind}`),
  refused('a length with a letter', `${post}Content-Length: 2x\r\n\r\nab${behind}`),
  refused('a length with a fraction', `${post}Content-Length: 2.0\r\n\r\nab${behind}`),
  refused('a length with an underscore', `${post}Content-Length: 1_0\r\n\r\n0123456789${behind}`),
  refused('a length in quotes', `${post}Content-Length: "2"\r\n\r\nab${behind}`),
  refused('a length that is empty', `${post}Content-Length:\r\n\r\n${behind}`),
  refused('a length beyond 64 bits', `${post}Content-Length: 99999999999999999999999\r\n\r\nab`),
  refused('a space before the colon of the length', `${post}Content-Length : 2\r\n\r\nab${behind}`),
  refused('a length on a folded line', `${post}X: a\r\n Content-Length: 99\r\n\r\n${behind}`),
  passed('a body that is a request', `${post}Content-Length: 58\r\n\r\n${behind}`, `POST /p@@@ ${behind}`),
  passed('a GET with a body that is a request', `${get}Content-Length: 58\r\n\r\n${behind}`, `GET /p@@@ ${behind}`),
  passed('a DELETE with a body', `DELETE /p@@@ HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\na`, 'DELETE /p@@@ a'),
  refused('a body that never comes whole', `${post}Content-Length: 500\r\n\r\n${behind}`),
]

const codings: Probe[] = [
  ...[
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n'],
    ['a tab before the colon', 'Transfer-Encoding\t: chunked\r\n'],
    ['a value that only begins with chunked', 'Transfer-Encoding: chunkedx\r\n'],
    ['a value that only ends with chunked', 'Transfer-Encoding: xchunked\r\n'],
    ['identity', 'Transfer-Encoding: identity\r\n'],
    ['chunked, then identity', 'Transfer-Encoding: chunked, identity\r\n'],
    ['identity, then chunked', 'Transfer-Encoding: identity, chunked\r\n'],
    ['gzip, then chunked', 'Transfer-Encoding: gzip, chunked\r\n'],
    ['chunked twice in one line', 'Transfer-Encoding: chunked, chunked\r\n'],
    ['chunked twice in two lines', `${chunked}${chunked}`],
    ['chunked, then something else', `${chunked}Transfer-Encoding: cow\r\n`],
    ['something else, then chunked', `Transfer-Encoding: cow\r\n${chunked}`],
    ['chunked in quotes', 'Transfer-Encoding: "chunked"\r\n'],
    ['chunked with a parameter', 'Transfer-Encoding: chunked;q=1\r\n'],
    ['chunked after a vertical tab', 'Transfer-Encoding: \x0bchunked\r\n'],
    ['chunked after a zero byte', 'Transfer-Encoding: \0chunked\r\n'],
    ['chunked on a folded line', 'Transfer-Encoding:\r\n chunked\r\n'],
    ['chunked behind a bare line feed', `X: a\n${chunked}`],
    ['chunked behind a bare carriage return', `X: a\r${chunked}`],
    ['no value', 'Transfer-Encoding:\r\n'],
  ].map(([what, lines]) => refused(`transfer coding: ${what}`, `${post}${lines}\r\n0\r\n\r\n${behind}`)),
  refused('chunks in HTTP/1.0', `POST /p@@@ HTTP/1.0\r\n${host}${chunked}\r\n0\r\n\r\n${behind}`),
  passed('CHUNKED in capitals', `${post}TRANSFER-ENCODING: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n`, 'POST /p@@@ a'),
  passed(
    'a name with an underscore',
    `${post}Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    'POST /p@@@ 0\r\n\r\n',
  ),
]

const chunks: Probe[] = [
  ...[
    ['a size that is no number', 'zz\r\na\r\n0\r\n\r\n'],
    ['a negative size', '-1\r\na\r\n0\r\n\r\n'],
    ['a size with a plus', '+1\r\na\r\n0\r\n\r\n'],
    ['a size with 0x', '0x1\r\na\r\n0\r\n\r\n'],
    ['a size with a space before it', ' 1\r\na\r\n0\r\n\r\n'],
    ['a size with an underscore', '1_0\r\n0123456789abcdef\r\n0\r\n\r\n'],
    ['a size beyond 64 bits', 'fffffffffffffffff1\r\na\r\n0\r\n\r\n'],
    ['an empty size', '\r\na\r\n0\r\n\r\n'],
    ['a size that ends in a bare line feed', '1\na\r\n0\r\n\r\n'],
    ['a size that ends in a bare carriage return', '1\ra\r\n0\r\n\r\n'],
    ['data longer than its size', '1\r\nab\r\n0\r\n\r\n'],
    ['data shorter than its size', '5\r\na\r\n0\r\n\r\n'],
    ['data that ends in a bare line feed', '1\r\na\n0\r\n\r\n'],
    ['data without an end', '1\r\na0\r\n\r\n'],
    ['an extension with a bare line feed', `1;a=\n\r\na\r\n0\r\n\r\n`],
    ['an extension with a zero byte', '1;a=\0\r\na\r\n0\r\n\r\n'],
    ['extensions without end', `1;${'a'.repeat(40_000)}\r\na\r\n0\r\n\r\n`],
    ['a trailer with a space in its name', '1\r\na\r\n0\r\nX Y: 1\r\n\r\n'],
  ].map(([what, body]) => refused(`chunks: ${what}`, `${post}${chunked}\r\n${body}${behind}`)),
  passed('chunks with an extension', `${post}${chunked}\r\n1;a=b\r\na\r\n0\r\n\r\n`, 'POST /p@@@ a'),
  passed('chunks with zeros before the size', `${post}${chunked}\r\n0001\r\na\r\n0\r\n\r\n`, 'POST /p@@@ a'),
  passed(
    'two requests behind one another, the first in chunks',
    `${post}${chunked}\r\n1\r\na\r\n0\r\n\r\n${get.replace('/p@@@', '/p@@@/second')}\r\n`,
    'POST /p@@@ a',
    'GET /p@@@/second',
  ),
]

const lines: Probe[] = [
  refused('bare line feeds', `GET /p@@@ HTTP/1.1\nHost: ${probeHost}\n\n`),
  refused('a bare line feed between headers', `GET /p@@@ HTTP/1.1\r\n${host}X: a\nY: b\r\n\r\n`),
  refused('a bare carriage return in a value', `${get}X: a\rY: b\r\n\r\n`),
  refused('a folded header', `${get}X: a\r\n b\r\n\r\n`),
  refused('a folded first header', `GET /p@@@ HTTP/1.1\r\n X: a\r\n${host}\r\n`),
  refused('a space in a name', `${get}X Y: 1\r\n\r\n`),
  refused('a space before a colon', `${get}X : 1\r\n\r\n`),
  refused('an empty name', `${get}: 1\r\n\r\n`),
  refused('a line without a colon', `${get}nothing\r\n\r\n`),
  refused('a zero byte in a name', `${get}X\0Y: 1\r\n\r\n`),
  refused('a zero byte in a value', `${get}X: a\0b\r\n\r\n`),
  refused('a high byte in a name', `${get}X\xe4: 1\r\n\r\n`),
  refused('a bracket in a name', `${get}X[0]: 1\r\n\r\n`),
  refused('a delete character in a value', `${get}X: a\x7fb\r\n\r\n`),
  refused('headers without an end', `${get}X: ${'a'.repeat(40_000)}\r\n\r\n`),
  refused('more headers than anybody sends', `${get}${'a: 1\r\n'.repeat(1500)}\r\n`),
  refused('a length hidden behind many headers', `${post}${'a:\r\n'.repeat(2100)}${chunked}\r\n0\r\n\r\n${behind}`),
  refused('an address without an end', `GET /p@@@${'a'.repeat(40_000)} HTTP/1.1\r\n${host}\r\n`),
  passed('a high byte in a value', `${get}X: \xe4\r\n\r\n`),
  passed('empty lines before a request', `\r\n\r\n${get}\r\n`),
]

const hosts: Probe[] = [
  refused('the same Host twice', `${get}${host}\r\n`),
  refused('two different Hosts', `${get}Host: evil.example\r\n\r\n`),
  refused('no Host', 'GET /p@@@ HTTP/1.1\r\n\r\n'),
  ...[
    ['nothing', ''],
    ['a user', `me@${probeHost}`],
    ['a path', `${probeHost}/x`],
    ['a list', `${probeHost}, evil.example`],
    ['a space', `${probeHost} evil.example`],
    ['a port of letters', `${probeHost}:80x`],
    ['a port beyond the last', `${probeHost}:65536`],
    ['an empty port', `${probeHost}:`],
    ['two ports', `${probeHost}:80:80`],
    ['a scheme', `http://${probeHost}`],
    ['a high byte', `p\xe4rmits.example.org`],
    ['a mark', `${probeHost}"><script>`],
    ['an open bracket', '[::1'],
  ].map(([what, value]) => refused(`a Host of ${what}`, `GET /p@@@ HTTP/1.1\r\nHost: ${value}\r\n\r\n`)),
  refused('a Host on a folded line', `GET /p@@@ HTTP/1.1\r\nHost:\r\n ${probeHost}\r\n\r\n`),
  refused('a Host behind a space', `GET /p@@@ HTTP/1.1\r\nHost : ${probeHost}\r\n\r\n`),
]

const targets: Probe[] = [
  passed('an absolute target', `GET http://${probeHost}/p@@@?a=1 HTTP/1.1\r\n${host}\r\n`, 'GET /p@@@?a=1'),
  passed('an absolute target of another host', `GET http://evil.example/p@@@ HTTP/1.1\r\n${host}\r\n`),
  passed(
    'an absolute target is not tidied up',
    `GET http://${probeHost}/p@@@/a/../b HTTP/1.1\r\n${host}\r\n`,
    'GET /p@@@/a/../b',
  ),
  ...[
    ['with a user', `http://me@${probeHost}/p@@@`],
    ['without a host', 'http:///p@@@'],
    ['with a port beyond the last', `http://${probeHost}:99999/p@@@`],
    ['of another scheme', `ftp://${probeHost}/p@@@`],
    ['to a file', 'file:///p@@@'],
    ['that is only a host', `${probeHost}:443`],
    ['that is only a word', 'p@@@'],
    ['that is a star', '*'],
    ['with a fragment', '/p@@@#x'],
    ['with a backslash', '/p@@@\\evil'],
    ['with a space', '/p@@@ /x'],
    ['with a zero byte', '/p@@@\0'],
    ['with a tab', '/p@@@\tx'],
  ].map(([what, target]) => refused(`a target ${what}`, `GET ${target} HTTP/1.1\r\n${host}\r\n`)),
  refused('OPTIONS *', `OPTIONS * HTTP/1.1\r\n${host}\r\n`),
]

const methods: Probe[] = [
  refused('TRACE', `TRACE /p@@@ HTTP/1.1\r\n${host}\r\n`),
  refused('TRACK', `TRACK /p@@@ HTTP/1.1\r\n${host}\r\n`),
  refused('CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n${behind}`),
  refused('CONNECT with a path', `CONNECT /p@@@ HTTP/1.1\r\n${host}\r\n`),
  refused('a method in small letters', `get /p@@@ HTTP/1.1\r\n${host}\r\n`),
  refused('a method that nobody knows', `BREW /p@@@ HTTP/1.1\r\n${host}\r\n`),
  refused('a space before the method', ` GET /p@@@ HTTP/1.1\r\n${host}\r\n`),
  refused('HTTP/0.9', 'GET /p@@@\r\n'),
  refused('HTTP/0.9 by number', `GET /p@@@ HTTP/0.9\r\n${host}\r\n`),
  refused('HTTP/1.2', `GET /p@@@ HTTP/1.2\r\n${host}\r\n`),
  refused('HTTP/2.0 by number', `GET /p@@@ HTTP/2.0\r\n${host}\r\n`),
  refused('HTTP/1.10', `GET /p@@@ HTTP/1.10\r\n${host}\r\n`),
  refused('another protocol', `GET /p@@@ ICE/1.0\r\n${host}\r\n`),
  refused('the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${behind}`),
  refused('the first bytes of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  passed('HTTP/1.0', `GET /p@@@ HTTP/1.0\r\n${host}\r\n`),
  passed('HTTP/1.0 that stays', `GET /p@@@ HTTP/1.0\r\n${host}Connection: keep-alive\r\n\r\n`),
]

const upgrades: Probe[] = [
  passed(
    'HTTP/2 in the clear',
    `${get}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n`,
  ),
  passed(
    'HTTP/2 in the clear among others',
    `${get}Connection: Upgrade\r\nUpgrade: websocket, h2c\r\nHTTP2-Settings: AAMA\r\n\r\n`,
  ),
  passed('TLS by upgrade', `${get}Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n`),
  passed(
    'a WebSocket with a body',
    `${post}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 58\r\n\r\n${behind}`,
    `POST /p@@@ ${behind}`,
  ),
  passed(
    'a WebSocket that the application does not take, with a request behind it',
    `${get}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\nSec-WebSocket-Key: eA==\r\n\r\n${behind}`,
  ),
  refused(
    'a WebSocket with a length that is none',
    `${get}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: x\r\n\r\n`,
  ),
]

const expectations: Probe[] = [
  passed('Expect: 100-continue', `${post}Expect: 100-continue\r\nContent-Length: 1\r\n\r\na`, 'POST /p@@@ a'),
  passed('Expect on a GET', `${get}Expect: 100-continue\r\n\r\n`),
  refused('an expectation that nobody knows', `${post}Expect: a-miracle\r\nContent-Length: 1\r\n\r\na`),
]

/** Every name under which an application could read what only the gateway says. */
const forgedNames = [
  'X-Pg-Unit',
  'x-pg-arm',
  'X-PG-PHASE',
  'X-Pg-Anything',
  'X-Pg',
  'X_Pg_Arm',
  'X-Pg_Arm',
  'x_pg-unit',
  'X_PG_PHASE',
  'X-Phasegate-Unit',
  'X_Phasegate_Unit',
  'X-Phasegate-Admit',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X_Forwarded_For',
  'Forwarded',
  'X-Real-IP',
  'Proxy',
  'Some_Header',
]

const forgeries: Probe[] = [
  ...forgedNames.map((name) => passed(`${name} from outside`, `${get}${name}: ${forgedWord}\r\n\r\n`)),
  passed('one of ours twice', `${get}X-Pg-Arm: ${forgedWord}\r\nx-pg-arm: ${forgedWord}\r\n\r\n`),
  passed('ours named in Connection', `${get}Connection: X-Pg-Arm, X-Pg-Unit, X-Forwarded-For, Host, Cookie\r\n\r\n`),
  passed('one of theirs named in Connection', `${get}X-Hop: ${forgedWord}\r\nConnection: X-Hop\r\n\r\n`),
  passed(
    'the length named in Connection',
    `${post}Content-Length: 1\r\nConnection: Content-Length\r\n\r\na`,
    'POST /p@@@ a',
  ),
  passed(
    'a trailer that forges',
    `${post}${chunked}Trailer: X-Pg-Arm\r\n\r\n1\r\na\r\n0\r\nX-Pg-Arm: ${forgedWord}\r\n\r\n`,
    'POST /p@@@ a',
  ),
  passed(
    'a trailer that forges with underscores, not announced',
    `${post}${chunked}\r\n1\r\na\r\n0\r\nX_Pg_Arm: ${forgedWord}\r\nHost: evil.example\r\n\r\n`,
    'POST /p@@@ a',
  ),
  refused('a length in a trailer', `${post}${chunked}\r\n1\r\na\r\n0\r\nContent-Length: 99\r\n\r\n`),
  passed('our cookies', `${get}Cookie: a=1; pg_parking=${forgedWord}; pgc_parking=${forgedWord}; b=2\r\n\r\n`),
  passed('our cookies in capitals', `${get}Cookie: PG_parking=${forgedWord};PGC_x=${forgedWord}\r\n\r\n`),
  passed('our cookies in a second line', `${get}Cookie: a=1\r\nCookie: pg_other=${forgedWord}\r\n\r\n`),
  passed('our cookies without a name', `${get}Cookie: =pg_parking=${forgedWord}\r\n\r\n`),
  passed('the team’s session', `${get}Cookie: phasegate_session=${forgedWord}\r\n\r\n`),
]

export const probes: readonly Probe[] = [
  ...lengths,
  ...codings,
  ...chunks,
  ...lines,
  ...hosts,
  ...targets,
  ...methods,
  ...upgrades,
  ...expectations,
  ...forgeries,
]
