import type { RefusalTexts } from '../platform/index.ts'

export const servicesRefusals = {
  'key-beyond-kind': {
    status: 422,
    title: 'A {kind} key cannot have the permission {permission}',
    whatToDo: 'Leave it out, or make a key of another kind.',
  },
  'key-without-pages': {
    status: 422,
    title: 'A {kind} key is secret, so it is bound to no pages',
    whatToDo: 'Leave the origins out, or make a client key.',
  },
  'no-gateway-here': {
    status: 409,
    title: 'No gateway runs in this process',
    whatToDo: 'Do this where the gateway runs.',
  },
  'member-unknown': {
    status: 404,
    title: 'This person has no such role',
    whatToDo: 'Look at the team page for who has which role.',
  },
  'not-example': {
    status: 409,
    title: 'This service is not example data',
    whatToDo: 'Only the example can be removed with one button.',
  },
  'no-example-here': {
    status: 409,
    title: 'There is no example data where PUBLIC_URL is set',
    whatToDo: 'Add the service without “example”, or try the example on a machine of your own.',
  },
  'host-needed': {
    status: 409,
    title: 'The service {other} answers under every host already',
    whatToDo: 'Give this service a host name of its own, such as permits.example.org.',
  },
  'host-taken': {
    status: 409,
    title: 'The service {other} answers at {host} already',
    whatToDo: 'Choose another host name.',
  },
  'key-taken': {
    status: 409,
    title: 'A service or feature with the key {key} exists',
    whatToDo: 'Choose another key.',
  },
  'one-service-manager': {
    status: 409,
    title: 'A service has exactly one service manager',
    whatToDo: 'Hand the service over to another person instead.',
  },
  'legacy-must-run-until-live': {
    status: 409,
    title: 'The current service must keep running until the new one is live',
    whatToDo: 'Move the service to live first; then the current service can be switched off.',
  },
  'phase-skipped': {
    status: 409,
    title: 'This would skip {phases}',
    whatToDo: 'Move one phase at a time, or record a waiver that says why the phases are left out.',
  },
  'phase-unknown': { status: 400, title: 'There is no phase {phase}', whatToDo: 'Use a phase of the playbook.' },
  'addresses-are-the-owners': {
    status: 403,
    title: 'Only an owner of the installation can point a service at another address',
    whatToDo: 'Ask an owner to change it, or save the rest with the addresses as they were.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    services: typeof servicesRefusals
  }
}
