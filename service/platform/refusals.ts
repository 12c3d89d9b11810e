/**
 * Every refusal by a rule, in one list. Page, API and command line show the same words:
 * `title` says what is so, `whatToDo` says what to do next. `{name}` is filled from the detail.
 */
export const refusals = {
  // platform
  'not-found': {
    status: 404,
    title: 'Page not found',
    whatToDo: 'Check the address, or start from the list of services.',
  },
  'not-allowed': {
    status: 403,
    title: 'Your role does not allow this',
    whatToDo: 'Ask the service manager to do it, or to change your role.',
  },
  'not-signed-in': { status: 401, title: 'You are not signed in', whatToDo: 'Sign in and try again.' },
  'invalid-request': {
    status: 400,
    title: 'The request is not in the expected form',
    whatToDo: 'Correct the fields named.',
  },
  'not-json': { status: 400, title: 'The body is not valid JSON', whatToDo: 'Send a JSON document.' },
  'too-deep': { status: 400, title: 'The JSON is nested too deeply', whatToDo: 'Send at most 60 levels.' },
  'too-wide': { status: 400, title: 'An object or form has too many fields', whatToDo: 'Send at most 1,000.' },
  'too-large': { status: 413, title: 'The request is too large', whatToDo: 'Send less at once.' },
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
  'key-beyond-kind': {
    status: 422,
    title: 'A {kind} key cannot have the permission {permission}',
    whatToDo: 'Leave it out, or make a key of another kind.',
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
    whatToDo: 'Nothing was stored. Make room on the disk of the data folder, then send it again.',
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
  // services
  'visitors-under-way': {
    status: 409,
    title: 'Visitors are on their way already',
    whatToDo: 'Wait until they have arrived, then send more.',
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
  // gates
  // features
  'feature-changed': {
    status: 409,
    title: '{by} changed this feature meanwhile',
    whatToDo: 'Compare both versions, then send yours again from version {version}.',
  },
  'preview-for-outsider': {
    status: 422,
    title: 'Nobody here has an account with this address, and previews are not given to outsiders',
    whatToDo: 'Enter the address of a colleague, or say why this person is an exception.',
  },
  'rules-changed': {
    status: 409,
    title: '{by} changed these rules meanwhile',
    whatToDo: 'Compare both versions, then send yours again from version {version}.',
  },
  'variant-unknown': {
    status: 422,
    title: 'There is no variant {name}',
    whatToDo: 'Choose one of the variants named.',
  },
  'cohort-unknown': {
    status: 422,
    title: 'There is no cohort {name}',
    whatToDo: 'Choose a cohort of this service; inviting people makes one.',
  },
  'requirement-unknown': {
    status: 422,
    title: 'There is no other feature {key} in this service',
    whatToDo: 'Require a feature of the list.',
  },
  'requirement-ring': {
    status: 409,
    title: 'A feature cannot require itself, by whatever way round',
    whatToDo: 'Leave out the requirement that leads back to {key}, or shorten a chain of more than {most}.',
  },
  'rule-not-understood': {
    status: 422,
    title: 'The rule {rule} is not understood: {problem}',
    whatToDo: 'Correct it there.',
  },
  'pattern-runs-away': {
    status: 422,
    title: 'The pattern {pattern} of the rule {rule} could run away: some texts would keep it busy for seconds',
    whatToDo: 'Write it without a repetition inside a repetition, or compare with texts instead.',
  },
  'pattern-unknown': {
    status: 422,
    title: 'The pattern {pattern} of the rule {rule} could not be shown to be quick',
    whatToDo: 'Write a simpler one, or compare with texts instead.',
  },
  'too-many-patterns': {
    status: 422,
    title: 'There are more than {most} new patterns at once',
    whatToDo: 'Save {most} at a time: each is tried before it is saved.',
  },
  'too-many-rules': {
    status: 422,
    title: 'There are at most {most} rules',
    whatToDo: 'Put several conditions into one.',
  },
  'flag-off': {
    status: 409,
    title: 'The flag {key} is off: nobody gets the feature',
    whatToDo: 'Have it switched on first; the plan then says for whom.',
  },
  'share-before-public-release': {
    status: 409,
    title: 'A share counts from public release on, and the feature is in {stage}',
    whatToDo: 'Name cohorts, or move the feature to public release first.',
  },
  'confirmation-of-another-role': {
    status: 403,
    title: 'Only a person of that role can agree for it: {role}',
    whatToDo: 'Ask one of them, or agree for your own role.',
  },
  'flag-kept': { status: 409, title: 'The flag cannot be removed yet', whatToDo: '{because}.' },
  'no-stages': { status: 409, title: 'A flag of kind {kind} has no stages', whatToDo: 'Switch it on or off.' },
  'stage-compulsory': {
    status: 409,
    title: 'The stage {stage} cannot be left out',
    whatToDo: 'Leave out others, or move the feature on first.',
  },
  'stage-not-chosen': {
    status: 409,
    title: 'The stage {stage} is none of those chosen for this feature',
    whatToDo: 'Choose it first, with a reason.',
  },
  'stage-between': {
    status: 409,
    title: 'The stage {stage} lies between',
    whatToDo: 'Move there first. A beta release can be left out by a decision with its reason.',
  },
  'claim-not-good': {
    status: 409,
    title: 'This claim is not good',
    whatToDo: 'It is good once, for ten minutes, for one service and one address. Let the person open the link again.',
  },
  'return-not-allowed': {
    status: 422,
    title: 'This address is at none of the origins that are allowed',
    whatToDo: 'Add its origin, such as https://app.example.org.',
  },
  'account-known': {
    status: 409,
    title: 'An account has this name already',
    whatToDo: 'Send it a new link, or choose another name.',
  },
  'customer-unknown': {
    status: 422,
    title: 'There is no account {name}',
    whatToDo: 'Choose one of the accounts of the service.',
  },
  'account-full': {
    status: 409,
    title: 'Every place of this account is taken',
    whatToDo: 'Invite more of its people first.',
  },
  'beta-not-offered': {
    status: 409,
    title: 'This cannot be switched on at present',
    whatToDo: 'Look in again later.',
  },
  'beta-not-for-you': {
    status: 409,
    title: 'This is for people who use the new service',
    whatToDo: 'Open the link of your invitation first.',
  },
  'beta-places-taken': {
    status: 409,
    title: 'Every place to try this is taken',
    whatToDo: 'Look in again later: places become free.',
  },
  'room-closed': {
    status: 409,
    title: 'The beta room is not open',
    whatToDo: 'Open it first: what was written stays.',
  },
  'not-of-a-tester': {
    status: 409,
    title: 'This message is not from a tester',
    whatToDo: 'Choose one that a tester wrote.',
  },
  'nobody-to-ask': {
    status: 409,
    title: 'There is no address to ask this person by',
    whatToDo: 'Answer in the room and ask there.',
  },
  'testimonial-over': {
    status: 409,
    title: 'These words may not be used already',
    whatToDo: 'There is nothing more to withdraw.',
  },
  'testimonial-not-approved': {
    status: 409,
    title: 'The person has not agreed to these words',
    whatToDo: 'Use only words that the person approved.',
  },
  'found-before-introduced': {
    status: 422,
    title: 'A defect cannot be found before it came in',
    whatToDo: 'Choose an earlier stage that brought it in, or a later one that found it.',
  },
  'beta-reason': {
    status: 422,
    title: 'A beta needs a reason',
    whatToDo: 'Choose at least one of the five reasons, or decide to go without a beta.',
  },
  'beta-chosen-late': {
    status: 409,
    title: 'The feature is in {stage}, past the place of the beta',
    whatToDo: 'Move it back first.',
  },
  'not-before-beta': {
    status: 409,
    title: 'Only a feature in internal release that has a beta ahead is ready for beta',
    whatToDo: 'Move it there, and decide with Growth and Support that it has a beta.',
  },
  'not-asked-for-beta': {
    status: 409,
    title: 'Nobody has said that it is ready for beta',
    whatToDo: 'Wait until its builder says so.',
  },
  'party-of-another-role': {
    status: 422,
    title: 'This person does not have the role {role} here',
    whatToDo: 'Choose somebody of the team who has it, or add somebody to the team.',
  },
  'result-of-another': {
    status: 403,
    title: 'This test was given to {name}',
    whatToDo: 'Ask {name}, or Support, to record what came out.',
  },
  'preview-outsider': {
    status: 422,
    title: 'Previews are not given to outsiders',
    whatToDo: 'Say why this one gets it all the same: the exception stays on record.',
  },
  'gate-ends-stage': {
    status: 409,
    title: 'A gate stands at the end of this stage',
    whatToDo: 'Record the decision at the gate “{gate}”.',
  },
  'decision-of-another-role': {
    status: 403,
    title: 'This gate is decided by another role',
    whatToDo: 'Ask the {roles} of the team.',
  },
  'gate-not-ready': { status: 409, title: 'This cannot be decided now', whatToDo: '{because}.' },
  'outcome-unknown': {
    status: 400,
    title: 'This gate has no such outcome',
    whatToDo: 'Use an outcome that the gate offers.',
  },
  'verdict-by-key': {
    status: 403,
    title: 'Only a named person gives a verdict, signs, or waives',
    whatToDo: 'Sign in and do it there. What a program finds can be sent as evidence.',
  },
  'verdict-of-another-role': {
    status: 403,
    title: 'This criterion is decided by another role',
    whatToDo: 'Ask the {roles}, or the service manager.',
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
  'evidence-missing': {
    status: 409,
    title: 'Met cannot be said without the evidence asked for',
    whatToDo: 'Attach it first: {evidence}.',
  },
  'waiver-end': {
    status: 422,
    title: 'A waiver ends between today and a year from now',
    whatToDo: 'Give an end date no later than {latest}.',
  },
  'sign-off-not-yours': {
    status: 403,
    title: 'This sign-off belongs to another role',
    whatToDo: 'Ask the {role} of this service to sign.',
  },
  'sign-off-not-independent': {
    status: 409,
    title: 'This sign-off needs somebody independent',
    whatToDo: 'Ask somebody who gave no verdict, waiver or evidence at this gate.',
  },
  'gate-stands-between': {
    status: 409,
    title: 'A gate stands at the end of this phase',
    whatToDo: 'Record the decision at the gate “{gate}”.',
  },
  // measures
  'too-many-events': {
    status: 413,
    title: 'More than {most} events in one request',
    whatToDo: 'Send them in several requests.',
  },
  'formula-unknown': {
    status: 400,
    title: 'This measure has no such formula',
    whatToDo: 'Choose one of the formulas on the page of the measure.',
  },
  'formula-same': {
    status: 409,
    title: 'This formula is in force already',
    whatToDo: 'Choose another one, or leave it as it is.',
  },
  'intake-full': {
    status: 503,
    title: 'Too many events are waiting to be stored',
    whatToDo: 'Nothing of this request was stored. Send it again, with the same ids, after the time in Retry-After.',
  },
  // feedback
  'unknown-ending': {
    status: 422,
    title: 'The service has no such journey or end point',
    whatToDo: 'Name a journey of the service and one of its end points, or leave both out.',
  },
  'feedback-state': {
    status: 409,
    title: 'This answer cannot be marked as {state} from where it stands',
    whatToDo: 'Open it again: somebody may have handled it meanwhile.',
  },
  'decision-needed': {
    status: 422,
    title: 'An answer ends in a decision',
    whatToDo: 'Say what changes because of it, or why nothing does.',
  },
  'not-in-team': {
    status: 422,
    title: 'This person is not in the team of the service',
    whatToDo: 'Choose somebody of the team, or add the person on the page Team.',
  },
  // admission
  'above-ceiling': {
    status: 409,
    title: 'The phase does not let in {who} yet',
    whatToDo: 'Pass the next gate first: a phase is a ceiling that nothing goes above.',
  },
  'cap-reached': {
    status: 409,
    title: 'Not enough places: {free} of {cap} free',
    whatToDo: 'Raise the cap, withdraw open invitations, or choose to invite more people than there are places.',
  },
  'cap-too-low': {
    status: 409,
    title: 'The cap cannot be lower than {kept}: so many places are taken or held',
    whatToDo: 'Withdraw open invitations first. Whoever is in keeps the place.',
  },
  'beta-full': { status: 409, title: 'The beta is full', whatToDo: 'Ask for a place on the waiting list.' },
  'nobody-waiting': { status: 409, title: 'Nobody is on the waiting list', whatToDo: 'Invite people by address.' },
  'questions-enough': {
    status: 409,
    title: 'Applicants are asked {most} questions already, which is the most',
    whatToDo: 'Remove one that no draw or quota needs.',
  },
  'question-name-taken': {
    status: 409,
    title: 'There is a question with the name {name} already',
    whatToDo: 'Choose another name.',
  },
  'list-empty': {
    status: 422,
    title: 'The list has no lines',
    whatToDo: 'Choose a file with an address in each line.',
  },
  'list-without-addresses': {
    status: 422,
    title: 'The list has no column of email addresses',
    whatToDo: 'Name one column “email”, in the first line.',
  },
  'list-not-readable': {
    status: 422,
    title: 'The list cannot be read as CSV',
    whatToDo: 'Save it as CSV with commas, semicolons or tabs between the cells, and try again.',
  },
  'list-too-long': {
    status: 422,
    title: 'The list has more than {most} lines',
    whatToDo: 'Split it into several.',
  },
  'batch-empty': {
    status: 409,
    title: 'Nobody of this batch needs an invitation',
    whatToDo: 'Discard it, and draw again or read another list.',
  },
  'batch-not-so': {
    status: 409,
    title: 'This cannot be done with a batch whose state is “{state}”',
    whatToDo: 'Look at it again: somebody may have acted meanwhile.',
  },
  'quotas-enough': {
    status: 409,
    title: 'There are {most} quotas already, which is the most',
    whatToDo: 'Remove one first.',
  },
  'invitation-not-open': {
    status: 409,
    title: 'This invitation was {state} already',
    whatToDo: 'Look at the list again: somebody may have acted meanwhile. Invite the person anew if needed.',
  },
  'person-unknown': {
    status: 404,
    title: 'Nobody is in the beta under this address or reference',
    whatToDo: 'Check the spelling, or look the person up first.',
  },
  halted: {
    status: 409,
    title: 'The beta is halted',
    whatToDo: 'Open it again first: nobody is let in or invited while it is halted.',
  },
  // rollouts
  'no-plan': { status: 409, title: 'There is no rollout plan yet', whatToDo: 'Write the plan first.' },
  'plan-changed': {
    status: 409,
    title: '{by} changed the plan after you had read it',
    whatToDo: 'Nothing of yours was stored. Look at both versions, then send yours again if it still holds.',
  },
  'too-many-steps': {
    status: 409,
    title: 'A plan has at most {most} steps',
    whatToDo: 'Make two steps into one, or plan the later ones when the first are closed.',
  },
  'step-incomplete': {
    status: 409,
    title: 'Step {step} cannot start without: {missing}',
    whatToDo:
      'Add it to the plan first: a step has an audience, a size, a minimum duration, guardrails and a question.',
  },
  'step-unanswered': {
    status: 409,
    title: 'Step {step} cannot close without an answer to its question',
    whatToDo: 'Write down what the step taught, then close it.',
  },
  'step-too-soon': {
    status: 409,
    title: 'Step {step} runs at least until {until}',
    whatToDo: 'Wait until then, pause the plan, or go back to the step before.',
  },
  'step-runs': {
    status: 409,
    title: 'Step {step} has not been closed',
    whatToDo: 'Close it with its answer first, or go back to the step before.',
  },
  'step-paused': { status: 409, title: 'The plan is paused', whatToDo: 'Resume it first.' },
  'no-step-runs': {
    status: 409,
    title: 'No step runs now',
    whatToDo: 'Start the next step first, or resume the plan.',
  },
  'no-step-left': { status: 409, title: 'Every step of the plan is closed', whatToDo: 'Add a step to the plan first.' },
  'no-step-before': {
    status: 409,
    title: 'There is no step before this one',
    whatToDo: 'Pause the plan, or halt the beta to send everybody to the current service.',
  },
  'plan-not-paused': { status: 409, title: 'The plan is not paused', whatToDo: 'There is nothing to resume.' },
  'webhook-does-not-fit': {
    status: 422,
    title: 'The webhook can’t be stored as it is: {why}',
    whatToDo: 'Correct it and send it again. Addresses inside your network are allowed by OUTGOING_ALLOW.',
  },
  'webhook-not-active': {
    status: 409,
    title: 'The webhook is paused or failing',
    whatToDo: 'Let it go on first: then what waits is sent.',
  },
  'addresses-are-the-owners': {
    status: 403,
    title: 'Only an owner of the installation can point a service at another address',
    whatToDo: 'Ask an owner to change it, or save the rest with the addresses as they were.',
  },
  'not-halted': { status: 409, title: 'The beta is not halted', whatToDo: 'There is nothing to open again.' },
} as const satisfies Record<string, { status: number; title: string; whatToDo: string }>
