export interface InsertedForm {
  /** Where it is sent, such as `/.phasegate/feedback`. */
  action: string
  journey: string
  /** Which end of the journey the person reached: refusals and errors are asked too. */
  ending: string
}

/** The five answers, best first, with the value that is stored (1 to 5). */
export const fivePoints: readonly { value: 1 | 2 | 3 | 4 | 5; text: string }[] = [
  { value: 5, text: 'Very satisfied' },
  { value: 4, text: 'Satisfied' },
  { value: 3, text: 'Neither satisfied nor dissatisfied' },
  { value: 2, text: 'Dissatisfied' },
  { value: 1, text: 'Very dissatisfied' },
]

/** What a piece of feedback is (row 139). */
export const feedbackKinds = [
  { value: 'experience', text: 'What happened to me' },
  { value: 'suggestion', text: 'A suggestion' },
  { value: 'general', text: 'Something else' },
] as const

/**
 * The end-page question as plain HTML: it works as it stands, without JavaScript and without our style sheet.
 * Source of the wording: GOV.UK Service Manual, measuring user satisfaction.
 *
 *     insertedForm({ action: '/.phasegate/feedback', journey: 'apply', ending: 'done' })
 */
export function insertedForm({ action, journey, ending }: InsertedForm): string {
  const radios = fivePoints.map(
    ({ value, text }) =>
      `<label class="pgw-choice"><input type="radio" name="rating" value="${value}"><span>${text}</span></label>`,
  )
  return `<section class="pgw" aria-labelledby="pgw-ask"><h2 id="pgw-ask">Give feedback on this service</h2>
<form class="pgw-form" action="${attribute(action)}" method="post">
<fieldset><legend>How satisfied were you with the service today?</legend>${radios.join('')}</fieldset>
<div><label for="pgw-ask-comment">What should we change or keep?</label>
<p class="pgw-hint" id="pgw-ask-hint">Leave out names, addresses and numbers that identify you</p>
<textarea id="pgw-ask-comment" name="comment" rows="4" maxlength="5000" aria-describedby="pgw-ask-hint"></textarea></div>
<div><label for="pgw-ask-address">Email address, if you want a reply (optional)</label>
<input id="pgw-ask-address" name="address" type="email" maxlength="254" autocomplete="email"></div>
<div class="pgw-trap"><div><label for="pgw-ask-website">Leave this blank</label>
<input id="pgw-ask-website" name="website" tabindex="-1" autocomplete="off"></div></div>
<input type="hidden" name="journey" value="${attribute(journey)}"><input type="hidden" name="ending" value="${attribute(ending)}">
<div class="pgw-row"><button class="pgw-button">Send feedback</button></div>
</form></section>`
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function attribute(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character)
}
