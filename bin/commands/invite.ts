import { UsageProblem, type Command } from './command.ts'
import { ask } from './installation.ts'

interface Result {
  line: string
  outcome: 'invited' | 'already-in' | 'already-invited' | 'not-an-address'
}

const words: Record<Result['outcome'], string> = {
  invited: 'invited',
  'already-in': 'is in already',
  'already-invited': 'has an open invitation already',
  'not-an-address': 'is not an email address',
}

export const invite: Command = {
  name: 'invite',
  says: 'Invite people to the beta by email',
  usage: 'invite SERVICE ADDRESS… [--cohort NAME] [--over-invite]',
  help: `
Sends each address an invitation that holds a place until it runs out. Who is in already is left alone.

  --cohort NAME    the group that these people belong to
  --over-invite    invite more people than there are places; the mail then says that places are limited`,
  options: { cohort: { type: 'string' }, 'over-invite': { type: 'boolean' } },
  async run({ values, words: [service, ...addresses] }, io) {
    if (service === undefined || addresses.length === 0)
      throw new UsageProblem('Give the key of the service, and at least one address.')
    const body = {
      addresses,
      overInvite: values['over-invite'] === true,
      ...(typeof values.cohort === 'string' ? { cohort: values.cohort } : {}),
    }
    const said = (await ask(io, 'POST', `/api/v1/services/${encodeURIComponent(service)}/invitations`, body)) as {
      results: Result[]
    }
    for (const { line, outcome } of said.results) io.out(`${line} ${words[outcome]}`)
    return said.results.some(({ outcome }) => outcome === 'not-an-address') ? 1 : 0
  },
}
