import type { RefusalTexts } from './refusal.ts'

export const platformRefusals = {
  'not-found': {
    status: 404,
    title: 'Page not found',
    whatToDo: 'Check the address, or start from the list of services.',
  },
  'not-allowed': {
    status: 403,
    title: 'Your role does not allow this',
    whatToDo: 'Ask somebody whose role does, or the service manager to change yours.',
  },
  'key-not-known': {
    status: 401,
    title: 'This key is not known, or no longer',
    whatToDo: 'Check it, or make another one in the settings of the service.',
  },
  'key-not-allowed': {
    status: 403,
    title: 'This key does not allow this',
    whatToDo: 'Use a key of another kind, or one that may do more: they are made in the settings of the service.',
  },
  'key-not-here': {
    status: 403,
    title: 'This client key is not good on the pages of this origin',
    whatToDo: 'Make one in the settings of the service that names this origin.',
  },
  'day-ahead': {
    status: 409,
    title: 'That day has not come yet',
    whatToDo: 'Enter today, or the day before on which it was so.',
  },
  'day-past': {
    status: 409,
    title: 'That day is past',
    whatToDo: 'Enter today, or the day after on which it is expected.',
  },
  'not-signed-in': { status: 401, title: 'You are not signed in', whatToDo: 'Sign in, or send a key, and try again.' },
  'invalid-request': {
    status: 400,
    title: 'The request is not in the expected form',
    whatToDo: 'Correct the fields named.',
  },
  'not-json': { status: 400, title: 'The body is not valid JSON', whatToDo: 'Send a JSON document.' },
  'prototype-named': {
    status: 400,
    title: 'The JSON names the prototype of an object',
    whatToDo: 'Leave out what is called __proto__, and a constructor that holds a prototype.',
  },
  'too-deep': { status: 400, title: 'The JSON is nested too deeply', whatToDo: 'Send at most 60 levels.' },
  'too-wide': { status: 400, title: 'An object or form has too many fields', whatToDo: 'Send at most 1,000.' },
  'too-large': { status: 413, title: 'The request is too large', whatToDo: 'Send less at once.' },
  'wrong-method': {
    status: 405,
    title: 'This address does not take this method',
    whatToDo: 'It takes {methods}.',
  },
  'wrong-content-type': {
    status: 415,
    title: 'This kind of content is not accepted here',
    whatToDo: 'Send application/json, or a form.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    whatToDo: 'Wait for the time in Retry-After, then try again.',
  },
  'wait-first': {
    status: 429,
    title: 'There were too many tries',
    whatToDo:
      'Wait {seconds} seconds, then try again. A link by mail signs you in without waiting: ask for one on the sign-in page.',
  },
  'too-many-bad-links': {
    status: 429,
    title: 'Links that do not work were opened here too many times',
    whatToDo: 'Wait {seconds} seconds, then open your link again. A link that works does not have to wait.',
  },
  'other-site': {
    status: 403,
    title: 'This form was sent from another site',
    whatToDo: 'Open the page here and send the form again.',
  },
  'database-away': {
    status: 503,
    title: 'The database does not answer just now',
    whatToDo: 'What you sent may not have been stored. Try again in a few seconds.',
  },
  'no-room': {
    status: 503,
    title: 'The disk is nearly full',
    whatToDo:
      'Nothing was stored. Make room on the disks of the data folder and of temporary files, then send it again.',
  },
  'confirm-again': {
    status: 403,
    title: 'Confirm first that it is you: the last time is longer ago than {minutes} minutes',
    whatToDo: 'Confirm on the page /confirm, then send it again.',
  },
  'link-used': { status: 410, title: 'This link has been used', whatToDo: 'Ask for a new link on the sign-in page.' },
  'link-expired': { status: 410, title: 'This link has run out', whatToDo: 'Ask for a new link on the sign-in page.' },
  'sign-in-not-begun-here': {
    status: 410,
    title: 'This sign-in was not begun in this browser, or it has run out',
    whatToDo: 'Go back to the browser in which you began, or begin again on the sign-in page.',
  },
  'no-issuer': {
    status: 409,
    title: 'Nobody has set up another sign-in here',
    whatToDo: 'Sign in another way. Whoever runs the installation can set OIDC_ISSUER.',
  },
  'issuer-away': {
    status: 503,
    title: '{issuer} does not answer just now',
    whatToDo: 'Sign in another way, or try again in a few minutes.',
  },
  'issuer-declined': {
    status: 403,
    title: '{issuer} did not sign you in',
    whatToDo: 'Try again, or sign in another way.',
  },
  'issuer-refuses-us': {
    status: 502,
    title: '{issuer} does not accept this installation',
    whatToDo: 'Sign in another way, and tell whoever runs the installation: its log says more.',
  },
  'issuer-not-believed': {
    status: 502,
    title: 'The answer of {issuer} could not be checked',
    whatToDo: 'Nobody was signed in. Try again, or sign in another way; the log says more.',
  },
  'issuer-no-address': {
    status: 403,
    title: '{issuer} has not verified an email address of yours',
    whatToDo: 'Sign in another way. You can then add {issuer} on the page of your account.',
  },
  'identity-of-another-domain': {
    status: 403,
    title: '{issuer} signs in only addresses of {domains}',
    whatToDo: 'Choose another account there, or sign in another way.',
  },
  'identity-taken': {
    status: 409,
    title: 'This identity belongs to another account here',
    whatToDo: 'Sign in to that account and remove it there, or choose another.',
  },
  'identity-of-another': {
    status: 403,
    title: 'You showed to be somebody else',
    whatToDo: 'Confirm as the person who is signed in here, or sign out first.',
  },
  'no-passkeys-here': {
    status: 409,
    title: 'There are no passkeys at this address',
    whatToDo: 'Browsers offer them only under a host name with https, which PUBLIC_URL has to be. Use another way.',
  },
  'passkeys-enough': {
    status: 409,
    title: 'You have {most} passkeys, which is the most',
    whatToDo: 'Remove one that you no longer use.',
  },
  'account-unknown': {
    status: 403,
    title: 'Nobody has invited {email} yet',
    whatToDo: 'Ask a colleague who uses Phasegate to add you to the team by that address.',
  },
  'invitation-ran-out': {
    status: 410,
    title: 'This invitation ran out on {day}',
    whatToDo: 'Ask whoever invited you to send it again, or ask for a link on the sign-in page.',
  },
  'account-exists': {
    status: 409,
    title: '{email} has an account already',
    whatToDo: 'Look it up in the list: invitations that were not used can be sent again there.',
  },
  'account-disabled': {
    status: 409,
    title: 'The account of {email} is disabled',
    whatToDo: 'An owner of the installation has to enable it first, on the page Accounts.',
  },
  'invitation-not-pending': {
    status: 409,
    title: 'No invitation of {name} is waiting',
    whatToDo: 'Whoever has been here asks for a link on the sign-in page.',
  },
  'last-owner': {
    status: 409,
    title: 'This is the only owner who can sign in',
    whatToDo: 'Make somebody else an owner first; who is only invited does not count yet.',
  },
  'not-oneself': {
    status: 409,
    title: 'Nobody disables their own account',
    whatToDo: 'Ask another owner to do it.',
  },
  'account-closed': {
    status: 403,
    title: 'This account is closed',
    whatToDo: 'Ask whoever runs the installation.',
  },
  'time-not-honoured': {
    status: 400,
    title: 'A time or a person can be set only for example data',
    whatToDo: 'Leave out Phasegate-Time and Phasegate-As.',
  },
  'attachment-not-taken': {
    status: 422,
    title: 'This file is not taken',
    whatToDo: '{because}.',
  },
  'attachment-too-large': {
    status: 413,
    title: 'The file is larger than {most} MB',
    whatToDo: 'Attach a smaller one, or give a link to it.',
  },
} as const satisfies RefusalTexts
