import { parseArgs } from 'node:util'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { defaultDataDirectory } from './data-directory.ts'
import { parseAllowed } from './outgoing/allowed.ts'
import { StartProblem } from './start-problem.ts'

const megabytes = 1024 * 1024
const port = z.coerce.number().int().min(0).max(65_535)
const url = z.url({ protocol: /^https?$/ })
const proxies = z
  .string()
  .max(4000)
  .transform((list) => list.split(/[\s,]+/).filter((each) => each !== ''))
  .refine((list) => list.every(isAddressOrNetwork), 'must be addresses or networks, such as 10.0.0.5, 10.1.0.0/16')
  .refine(
    (list) => !list.some((each) => each.endsWith('/0')),
    'must not hold every address: anybody could forge theirs',
  )

/** Every setting, checked at the start. docs/operating.md is written from this list; nothing else reads the environment. */
export const settings = {
  PORT: { schema: port.default(4600), says: 'Port of the team pages and the API' },
  GATEWAY_PORT: { schema: port.default(4610), says: 'Port of the gateway, where the services answer' },
  GATEWAY_CONNECTIONS: {
    schema: z.coerce.number().int().min(100).max(1_000_000).default(50_000),
    says: 'Connections that the gateway takes in all, at most 20 KB each when idle; fewer where the system allows fewer open files',
  },
  PHASEGATE_GATEWAY: {
    schema: z.enum(['on', 'off']).default('on'),
    says: '`off` where gateways run as processes of their own',
  },
  PHASEGATE_DRAIN_SECONDS: {
    schema: z.coerce.number().min(0).max(600).default(3),
    says: 'With `DATABASE_URL`: how long requests are still answered after SIGTERM, while `/ready` sends new ones to other instances',
  },
  HOST: {
    schema: z.string().min(1).max(255).default('127.0.0.1'),
    says: 'Address to listen on. Mails can be read on a page only while it is the own machine',
  },
  PUBLIC_URL: {
    schema: url.optional(),
    says: 'Address of the team pages as people reach them. Links in mails use it; development pages are gone once it is set',
  },
  TRUSTED_PROXIES: {
    schema: proxies.optional(),
    says: 'Addresses and networks (CIDR) of the reverse proxies in front, parted by commas. Only what they say in X-Forwarded-* is believed',
  },
  PHASEGATE_DATA: { schema: z.string().min(1).max(500).optional(), says: 'Data folder: database, keys, spool, mails' },
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    says: 'A PostgreSQL 15 or later of your own, in place of the embedded one',
  },
  PHASEGATE_EXAMPLE: { schema: z.enum(['on', 'off']).default('on'), says: '`off` for no example service' },
  PHASEGATE_ADMIN_KEY: {
    schema: z
      .string()
      .regex(/^[\w-]{20,200}$/, 'must have 20 to 200 letters, digits, hyphens or underscores')
      .optional(),
    says: 'If set, an admin API key with this secret exists, for automation',
  },
  PHASEGATE_SECRET_KEY: {
    schema: z
      .string()
      .regex(/^[\w-]{43,200}(,[\w-]{43,200})*$/, 'must have 43 letters, digits, hyphens or underscores or more')
      .optional(),
    says: 'Seals what the database must give back in clear; without it `secret.key` of the data folder does. The same for all instances on one database. After a comma: older keys, which only open',
  },
  PHASEGATE_BALLAST_MB: {
    schema: z.coerce.number().int().min(0).max(10_000).default(64),
    says: 'Ballast file beside the database',
  },
  PHASEGATE_RESERVE_MB: {
    schema: z.coerce.number().int().min(0).max(100_000).default(200),
    says: 'Free disk below which new events are refused',
  },
  PHASEGATE_ATTACHMENT_MB: {
    schema: z.coerce.number().int().min(1).max(50).default(10),
    says: 'Largest file that can be attached as evidence',
  },
  PHASEGATE_LOG: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    says: 'How much is logged',
  },
  SMTP_URL: {
    schema: z.url({ protocol: /^smtps?$/ }).optional(),
    says: 'Mail server, such as smtp://user:password@mail.example.org:587',
  },
  PHASEGATE_AUDIT_MAIL: {
    schema: z.email().max(254).optional(),
    says: 'Address that gets the head of the history once a day, so that a history cut off in the database is found',
  },
  OUTGOING_ALLOW: {
    schema: z
      .string()
      .max(10_000)
      .default('')
      .superRefine((text, context) => {
        const read = parseAllowed(text)
        if ('notUnderstood' in read)
          context.addIssue(`“${read.notUnderstood}” is no host name, address or range such as 10.20.0.0/16`)
      }),
    says: 'Host names, addresses and ranges inside your network that webhooks and sign-in may call, with commas between',
  },
  MAIL_FROM: { schema: z.string().min(3).max(300).default('Phasegate <phasegate@localhost>'), says: 'Sender of mails' },
  MAIL_IN: {
    schema: z
      .string()
      .max(200)
      .toLowerCase()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain, such as replies.example.org')
      .optional(),
    says: 'Domain of its own at which answers to mails of beta rooms arrive, such as replies.example.org. Without it no mail comes in',
  },
  MAIL_IN_PORT: { schema: port.default(4625), says: 'With `MAIL_IN`: port on which mail is taken (SMTP)' },
  MAIL_IN_HOST: {
    schema: z.string().min(1).max(255).optional(),
    says: 'With `MAIL_IN`: address to listen on for mail; without it that of `HOST`',
  },
  MAIL_IN_CERT: {
    schema: z.string().min(1).max(500).optional(),
    says: 'With `MAIL_IN`: file of the certificate (PEM) for STARTTLS; read again each hour',
  },
  MAIL_IN_KEY: { schema: z.string().min(1).max(500).optional(), says: 'File of the key of that certificate (PEM)' },
  OIDC_ISSUER: {
    schema: url.max(500).refine(isSafeIssuer, 'must begin with https://, except on this machine').optional(),
    says: 'Sign-in by OpenID Connect: the address of the issuer',
  },
  OIDC_CLIENT_ID: { schema: z.string().min(1).max(300).optional(), says: 'What the issuer calls this installation' },
  OIDC_CLIENT_SECRET: {
    schema: z.string().min(1).max(1000).optional(),
    says: 'The secret that the issuer gave for it. Leave it out for a public client',
  },
  OIDC_NAME: {
    schema: z.string().trim().min(1).max(60).default('single sign-on'),
    says: 'Stands on the button: “Sign in with …”',
  },
  OIDC_SCOPES: {
    schema: z
      .string()
      .max(500)
      .regex(/(^| )openid( |$)/, 'must hold openid')
      .default('openid email profile'),
    says: 'What is asked of the issuer',
  },
  OIDC_EMAIL_DOMAINS: {
    schema: z
      .string()
      .max(2000)
      .toLowerCase()
      .regex(
        /^[a-z0-9-]+(\.[a-z0-9-]+)+([ ,]+[a-z0-9-]+(\.[a-z0-9-]+)+)*$/,
        'must be names such as example.org, example.net',
      )
      .optional(),
    says: 'If set, only addresses of these domains, which the issuer has verified, sign in by it',
  },
  OIDC_NEWCOMERS: {
    schema: z.enum(['on', 'off']).default('off'),
    says: '`on`: whoever the issuer vouches for gets an account. `off`: only those who were invited',
  },
} as const

export interface Config {
  port: number
  gatewayPort: number
  gatewayConnections: number
  /** Does a gateway run in this process? */
  ownGateway: boolean
  drainMs: number
  host: string
  publicUrl: string | null
  /** Whose X-Forwarded-* is believed; everybody else is who the connection says. */
  trustedProxies: string[]
  dataDirectory: string
  databaseUrl: string | null
  /** Which example is brought along: a service in its beta, or a feature of a product. */
  example: 'service' | 'feature' | null
  adminKey: string | null
  /** Newest first; none where the file in the data folder holds them. */
  secretKeys: string[]
  ballastBytes: number
  reserveBytes: number
  attachmentBytes: number
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  smtpUrl: string | null
  mailFrom: string
  /** Where answers to mails come in; null where none do. */
  mailIn: MailInSettings | null
  auditMail: string | null
  /** As it was written; checked. */
  outgoingAllow: string
  /** An issuer of OpenID Connect by which colleagues sign in. */
  oidc: OidcSettings | null
  /** A service of one's own, given on the command line. */
  own: { currentUrl: string | null; newUrl: string; name: string } | null
}

export interface MailInSettings {
  /** Lower case. */
  domain: string
  host: string
  port: number
  /** Files, for STARTTLS. */
  certificate: { cert: string; key: string } | null
}

export interface OidcSettings {
  issuer: string
  clientId: string
  /** Null for a public client, which has PKCE alone. */
  clientSecret: string | null
  name: string
  scopes: string
  /** Lower case; empty for any. */
  emailDomains: readonly string[]
  /** Whoever the issuer vouches for gets an account. */
  newcomers: boolean
}

/**
 * On one's own machine: mails can be read on a page, and the log is a file. Never once others can reach the installation,
 * since mails hold links that sign people in.
 */
export function isDevelopment(config: Config): boolean {
  return config.publicUrl === null && config.trustedProxies.length === 0 && isOwnMachine(config.host)
}

/** The host of an address that leads here from this machine. */
export function reachableHost({ host }: Pick<Config, 'host'>): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

/** Is it reached over TLS? Cookies are then sent over nothing else. */
export function isSecure(config: Config): boolean {
  return config.publicUrl?.startsWith('https:') ?? false
}

function isAddressOrNetwork(text: string): boolean {
  const { IPv4, IPv6 } = ipaddr
  const [address = '', prefix] = text.split('/')
  if (prefix === undefined) return IPv4.isValidFourPartDecimal(address) || IPv6.isValid(address)
  return IPv4.isValidCIDRFourPartDecimal(text) || IPv6.isValidCIDR(text)
}

export function isOwnMachine(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host)
}

function isSafeIssuer(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || isOwnMachine(hostname)
}

export function readConfig(env: NodeJS.ProcessEnv, argv: string[] = []): Config {
  const problems: string[] = []
  const read: Read = (name) => {
    const raw = env[name] === '' ? undefined : env[name]
    const parsed = settings[name].schema.safeParse(raw)
    if (!parsed.success)
      problems.push(`${name}: ${parsed.error.issues[0]?.message ?? 'is not valid'}. ${settings[name].says}.`)
    return parsed.data as ReturnType<typeof read<typeof name>>
  }
  const { own, example } = readArguments(argv, problems)
  const config: Config = {
    port: read('PORT'),
    gatewayPort: read('GATEWAY_PORT'),
    gatewayConnections: read('GATEWAY_CONNECTIONS'),
    ownGateway: read('PHASEGATE_GATEWAY') === 'on',
    drainMs: 0,
    host: read('HOST'),
    publicUrl: read('PUBLIC_URL')?.replace(/\/$/, '') ?? null,
    trustedProxies: read('TRUSTED_PROXIES') ?? [],
    dataDirectory: read('PHASEGATE_DATA') ?? defaultDataDirectory(),
    databaseUrl: read('DATABASE_URL') ?? null,
    example: read('PHASEGATE_EXAMPLE') === 'on' && own === null && (env.PUBLIC_URL ?? '') === '' ? example : null,
    adminKey: read('PHASEGATE_ADMIN_KEY') ?? null,
    secretKeys: read('PHASEGATE_SECRET_KEY')?.split(',') ?? [],
    ballastBytes: read('PHASEGATE_BALLAST_MB') * megabytes,
    reserveBytes: read('PHASEGATE_RESERVE_MB') * megabytes,
    attachmentBytes: read('PHASEGATE_ATTACHMENT_MB') * megabytes,
    logLevel: read('PHASEGATE_LOG'),
    smtpUrl: read('SMTP_URL') ?? null,
    mailFrom: read('MAIL_FROM'),
    mailIn: null,
    auditMail: read('PHASEGATE_AUDIT_MAIL') ?? null,
    outgoingAllow: read('OUTGOING_ALLOW'),
    oidc: null,
    own,
  }
  // The embedded database has one instance: there is nowhere else to send anybody.
  if (config.databaseUrl !== null) config.drainMs = read('PHASEGATE_DRAIN_SECONDS') * 1000
  if (!config.ownGateway) config.example = null
  if (!config.ownGateway && own !== null) problems.push('PHASEGATE_GATEWAY: must be `on` for --current and --new.')
  config.oidc = readOidc(read, problems)
  config.mailIn = readMailIn(read, config, problems)
  if (problems.length > 0) throw new StartProblem(problems.join('\n'))
  return config
}

type Read = <K extends keyof typeof settings>(name: K) => z.infer<(typeof settings)[K]['schema']>

function readOidc(read: Read, problems: string[]): OidcSettings | null {
  const issuer = read('OIDC_ISSUER')
  const clientId = read('OIDC_CLIENT_ID')
  const rest = {
    clientSecret: read('OIDC_CLIENT_SECRET') ?? null,
    name: read('OIDC_NAME'),
    scopes: read('OIDC_SCOPES'),
    emailDomains: read('OIDC_EMAIL_DOMAINS')?.split(/[ ,]+/) ?? [],
    newcomers: read('OIDC_NEWCOMERS') === 'on',
  }
  if (issuer !== undefined && clientId !== undefined) return { issuer, clientId, ...rest }
  if (issuer !== undefined) problems.push('OIDC_CLIENT_ID: must be set, since OIDC_ISSUER is.')
  else if (clientId !== undefined) problems.push('OIDC_ISSUER: must be set, since OIDC_CLIENT_ID is.')
  return null
}

function readMailIn(read: Read, { host }: Pick<Config, 'host'>, problems: string[]): MailInSettings | null {
  const domain = read('MAIL_IN')
  const cert = read('MAIL_IN_CERT')
  const key = read('MAIL_IN_KEY')
  const listener = { host: read('MAIL_IN_HOST') ?? host, port: read('MAIL_IN_PORT') }
  if ((cert === undefined) !== (key === undefined))
    problems.push(`MAIL_IN_${cert === undefined ? 'CERT' : 'KEY'}: must be set, since the other half of the pair is.`)
  if (domain === undefined) return null
  return { domain, ...listener, certificate: cert === undefined || key === undefined ? null : { cert, key } }
}

const usage = `npm start -- --example feature
  a feature of a product in its beta, instead of a service in its own
npm start -- --current URL --new URL [--name NAME]
  --current URL   the service that people use today ("none" when the new one replaces nothing)
  --new URL       the new service (the beta)
  --name NAME     what people call it`

function readArguments(argv: string[], problems: string[]): Pick<Config, 'own'> & { example: 'service' | 'feature' } {
  const text = { type: 'string' } as const
  try {
    const options = { current: text, new: text, name: text, example: text }
    const { values } = parseArgs({ args: argv, options })
    const { example = 'service' } = values
    if (example !== 'service' && example !== 'feature') {
      problems.push(`--example: say "service" or "feature"\n${usage}`)
      return { own: null, example: 'service' }
    }
    return { own: readOwn(values, problems), example }
  } catch (error) {
    problems.push(`${(error as Error).message}\n${usage}`)
    return { own: null, example: 'service' }
  }
}

interface OwnArguments {
  current?: string
  new?: string
  name?: string
}

function readOwn(values: OwnArguments, problems: string[]): Config['own'] {
  if (values.current === undefined && values.new === undefined) return null
  if (values.new === undefined || !url.safeParse(values.new).success) {
    problems.push(`--new: give the address of the new service, such as https://new.example.org\n${usage}`)
    return null
  }
  const current = values.current === 'none' ? undefined : values.current
  if (current !== undefined && !url.safeParse(current).success) {
    problems.push(`--current: give the address of the current service, or "none"\n${usage}`)
    return null
  }
  return { currentUrl: current ?? null, newUrl: values.new, name: values.name ?? new URL(values.new).host }
}
