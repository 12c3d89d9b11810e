/** Why a call did not go out, or brought nothing back: in words for the team, which tell nothing of the network inside. */
const words = {
  OUTGOING_ADDRESS: 'it is not an address that starts with https:// or http://',
  OUTGOING_CREDENTIALS: 'the address holds a user name or a password',
  OUTGOING_PORT: 'the port is not one that web services use',
  OUTGOING_INSIDE: 'it leads to an address that is not on the public internet, and OUTGOING_ALLOW does not name it',
  OUTGOING_METHOD: 'the method is not one of a web service',
  OUTGOING_REDIRECTS: 'it redirects again and again',
  OUTGOING_DOWNGRADE: 'it redirects from https to http',
  OUTGOING_BODY_ELSEWHERE: 'it redirects what is sent to another host',
  OUTGOING_TOO_LARGE: 'its answer is too large',
  OUTGOING_UNREADABLE: 'its answer could not be unpacked',
  OUTGOING_TIMEOUT: 'it did not answer in time',
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  UND_ERR_CONNECT_TIMEOUT: 'no connection was made in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it did not finish its answer in time',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of its answer are too large',
  CERT_HAS_EXPIRED: 'its certificate has run out',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by anybody that this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by anybody that this machine trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by anybody that this machine trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
} as const

type Known = keyof typeof words
type OurOwn = Extract<Known, `OUTGOING_${string}`>

export class OutgoingProblem extends Error {
  /** One of ours, `OUTGOING_…`, or the system's own, such as `ECONNREFUSED`. */
  readonly code: string
  /** Whether the call was refused by a rule here: trying again changes nothing. */
  readonly isRefused: boolean

  constructor(code: OurOwn | { of: unknown }) {
    const known = typeof code === 'string' ? code : codeOf(code.of)
    super(words[known as Known] ?? `it could not be reached (${known})`, { cause: code })
    this.name = 'OutgoingProblem'
    this.code = known
    this.isRefused = known.startsWith('OUTGOING_') && known !== 'OUTGOING_TIMEOUT'
  }
}

/** What went wrong below, as a problem in words; one of ours stays itself. */
export function problemOf(error: unknown): OutgoingProblem {
  return error instanceof OutgoingProblem ? error : new OutgoingProblem({ of: error })
}

function codeOf(error: unknown): string {
  const { code, name, errors } = error as { code?: unknown; name?: unknown; errors?: { code?: unknown }[] }
  if (name === 'TimeoutError') return 'OUTGOING_TIMEOUT'
  const said = code ?? errors?.[0]?.code
  return typeof said === 'string' ? said : 'unknown'
}
