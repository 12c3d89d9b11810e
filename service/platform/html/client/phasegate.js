// Everything here makes pages nicer; nothing on them needs it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  createAll,
  ErrorSummary,
  FileUpload,
  NotificationBanner,
  SkipLink,
} from './govuk-frontend.min.js'

const body = document.body
document.documentElement.classList.add('pg-scripted')
body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) body.classList.add('govuk-frontend-supported')
// Not Radios: what they reveal is the style sheet's work, so that it needs no script.
for (const part of [Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner, SkipLink])
  createAll(part)

stripUrl()
offerCopies()
closeHaltOnEscape()
keepFresh()
askForPasskeys()

// An invitation's token must not stay in the address bar, where it would be shared by mistake.
// A page that is loaded again, as phones do, finds its way back: in this tab only.
function stripUrl() {
  const path = body.dataset.stripUrl
  try {
    const full = sessionStorage.getItem(`pg:${location.pathname}`)
    if (path && path !== location.pathname) sessionStorage.setItem(`pg:${path}`, location.pathname)
    else if (full && !path) return location.replace(full)
  } catch {
    // Storage is refused: the page works, only not after a reload.
  }
  if (path) history.replaceState(null, '', path)
}

// A press counts from the beginning, though what asks the device may still be on its way. Nothing else needs a script:
// without it the form comes back and says which other ways there are.
function askForPasskeys() {
  for (const field of document.querySelectorAll('input[data-passkey]')) {
    const coming = import('./passkeys.js')
    let isAway = false
    coming.catch(() => (isAway = true))
    field.form.addEventListener('submit', (event) => {
      if (isAway || field.value !== '') return
      event.preventDefault()
      const { submitter } = event
      coming.then(
        ({ fill }) => fill(field, submitter),
        () => field.form.requestSubmit(submitter),
      )
    })
  }
}

function offerCopies() {
  if (!navigator.clipboard) return
  for (const button of document.querySelectorAll('button[data-copy][hidden]')) {
    const source = document.getElementById(button.dataset.copy)
    if (!source) continue
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(source.value ?? source.textContent)
      announce('Copied')
      const words = button.firstChild
      words.textContent = 'Copied'
      setTimeout(() => (words.textContent = 'Copy'), 2000)
    })
  }
}

function closeHaltOnEscape() {
  const halt = document.querySelector('.pg-halt')
  if (!halt) return
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !halt.open) return
    halt.open = false
    halt.querySelector('summary').focus()
  })
  document.addEventListener('click', (event) => {
    if (halt.open && !halt.contains(event.target)) halt.open = false
  })
}

// Regions of the page are brought up to date when the server says that something changed,
// or, while long work is under way, every few seconds.
function keepFresh() {
  let isLoading = false
  let isStale = false
  let timer = null

  const refresh = async () => {
    if (isLoading) return void (isStale = true)
    isLoading = true
    isStale = false
    try {
      const response = await fetch(location.href, {
        headers: { accept: 'text/html', 'phasegate-refresh': 'yes' },
        credentials: 'same-origin',
      })
      if (response.ok && !response.redirected) swap(await response.text())
    } catch {
      // The next message or the next tick tries again.
    }
    isLoading = false
    if (isStale) later(200)
    const seconds = Number(document.querySelector('[data-live-every]')?.dataset.liveEvery)
    if (seconds > 0) later(seconds * 1000)
  }
  const later = (ms) => {
    clearTimeout(timer)
    timer = setTimeout(refresh, ms)
  }

  if (body.dataset.live && document.querySelector('[data-live-region]')) {
    const source = new EventSource(body.dataset.live)
    let wasOpen = false
    source.addEventListener('open', () => {
      // What was missed while the line was down.
      if (wasOpen) later(0)
      wasOpen = true
    })
    source.addEventListener('message', () => later(60))
    source.addEventListener('changed', () => later(60))
    window.addEventListener('pagehide', () => source.close())
  }
  const seconds = Number(document.querySelector('[data-live-every]')?.dataset.liveEvery)
  if (seconds > 0) later(seconds * 1000)
}

function swap(markup) {
  const fresh = new DOMParser().parseFromString(markup, 'text/html')
  const said = []
  for (const region of document.querySelectorAll('[data-live-region][id]')) {
    const next = fresh.getElementById(region.id)
    // Long work that is over has another page at the same address.
    if (!next && region.dataset.liveEvery) return location.reload()
    if (!next || next.isEqualNode(region) || isInUse(region)) continue
    const before = announcements(region)
    const open = [...region.querySelectorAll('details[open]')].map((each) => each.querySelector('summary')?.textContent)
    carryOver(region, next)
    region.replaceWith(next)
    for (const each of next.querySelectorAll('details')) {
      if (open.includes(each.querySelector('summary')?.textContent)) each.open = true
    }
    next.classList.add('pg-fresh')
    said.push(...announcements(next).filter((words) => words && !before.includes(words)))
  }
  if (said.length > 0) announce(said.join('. '))
  offerCopies()
}

const announcements = (region) =>
  [region, ...region.querySelectorAll('[data-live-announce]')]
    .filter((each) => each.matches('[data-live-announce]'))
    .map((each) => each.textContent.trim().replace(/\s+/g, ' '))

// Never take a part away from under someone's hands.
const isInUse = (region) => region.contains(document.activeElement)

// What was typed or chosen and not yet sent stays.
function carryOver(region, next) {
  for (const field of region.querySelectorAll('input[name], textarea[name], select[name]')) {
    const same = next.querySelector(
      `[name="${CSS.escape(field.name)}"][value="${CSS.escape(field.getAttribute('value') ?? '')}"]`,
    )
    if (field.type === 'radio' || field.type === 'checkbox') {
      if (same && field.checked !== field.defaultChecked) same.checked = field.checked
      continue
    }
    const other = next.querySelector(`[name="${CSS.escape(field.name)}"]`)
    const isChanged =
      field.tagName === 'SELECT'
        ? !field.selectedOptions[0]?.defaultSelected && field.selectedIndex > 0
        : field.value !== field.defaultValue
    if (other && isChanged) other.value = field.value
  }
}

function announce(words) {
  const place = document.getElementById('pg-announce')
  if (!place) return
  place.textContent = ''
  setTimeout(() => (place.textContent = words), 50)
}
