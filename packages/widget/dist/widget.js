'use strict'
;(() => {
  function o(t, r = {}, ...e) {
    let n = document.createElement(t)
    for (let s in r) n.setAttribute(s, r[s])
    return (n.append(...e), n)
  }
  function p(t, r, e = !0) {
    let n = o('button', { type: 'button', class: e ? 'pgw-button pgw-quiet' : 'pgw-button' }, t)
    return ((n.onclick = r), n)
  }
  var H = ['Very satisfied', 'Satisfied', 'Neither satisfied nor dissatisfied', 'Dissatisfied', 'Very dissatisfied'],
    $ = [
      ['experience', 'What happened to me'],
      ['suggestion', 'A suggestion'],
      ['general', 'Something else'],
    ]
  function v(t, r, e) {
    let n = o('h2', { id: 'pgw-title' }, r),
      s = p('Close', () => i.close()),
      a = o(
        'form',
        { class: 'pgw', action: t, method: 'post' },
        y(
          'rating',
          'How satisfied were you with the service?',
          H.map((c, l) => [`${5 - l}`, c]),
        ),
        y('kind', 'What is your feedback about?', $),
        g(
          'comment',
          'What should we change or keep?',
          'Leave out names, addresses and numbers that identify you',
          o('textarea', { rows: '5', maxlength: '5000' }),
        ),
        g(
          'address',
          'Email address, if you want a reply (optional)',
          '',
          o('input', { type: 'email', maxlength: '254', autocomplete: 'email' }),
        ),
        o(
          'div',
          { class: 'pgw-trap' },
          g('website', 'Leave this blank', '', o('input', { tabindex: '-1', autocomplete: 'off' })),
        ),
        o('div', { class: 'pgw-row' }, o('button', { class: 'pgw-button' }, 'Send feedback')),
      ),
      i = o('dialog', { class: 'pgw-dialog', 'aria-labelledby': 'pgw-title' }, o('div', { class: 'pgw-row' }, n, s), a)
    ;((i.onclose = () => i.remove()), document.body.append(i), e(a), i.showModal())
  }
  function y(t, r, e) {
    return o(
      'fieldset',
      {},
      o('legend', {}, r),
      ...e.map(([n, s]) =>
        o('label', { class: 'pgw-choice' }, o('input', { type: 'radio', name: t, value: n }), o('span', {}, s)),
      ),
    )
  }
  function g(t, r, e, n) {
    ;((n.id = `pgw-${t}`), n.setAttribute('name', t))
    let s = o('div', {}, o('label', { for: n.id }, r))
    return (
      e &&
        (s.append(o('p', { id: `pgw-${t}-hint`, class: 'pgw-hint' }, e)),
        n.setAttribute('aria-describedby', `pgw-${t}-hint`)),
      s.append(n),
      s
    )
  }
  var D = [
    ['an email address', /[^\s@<>()",;]+@[^\s@<>()",;]+\.[a-z]{2,}/gi, () => !0],
    ['a National Insurance number', /\b[a-ceghj-prstw-z][a-ceghj-nprstw-z](?:[ -]?\d\d){3}[ -]?[a-d]\b/gi, () => !0],
    ['a card number', /\b\d(?:[ -]?\d){12,18}\b/g, F],
  ]
  function E(t) {
    let r = [],
      e = t
    for (let [n, s, a] of D) e = e.replace(s, (i) => (a(i) ? (r.includes(n) || r.push(n), '[removed]') : i))
    return { found: r, text: e }
  }
  function F(t) {
    let r = 0,
      e = t.replace(/\D/g, '')
    for (let n = 0; n < e.length; n++) {
      let s = +e.charAt(e.length - 1 - n) * (n % 2 ? 2 : 1)
      r += s > 9 ? s - 9 : s
    }
    return r % 10 === 0
  }
  var m = 'phasegate-feedback',
    L = [2e3, 5e3, 15e3, 6e4]
  async function f(t, r, e) {
    for (let n = 0; ; n++) {
      let s = await q(t, r)
      if (s) return (N(r.id), s)
      ;(n === 0 && e(), await I(L[Math.min(n, L.length - 1)]))
    }
  }
  async function q(t, r) {
    let e
    try {
      e = await fetch(t, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(r),
      })
    } catch {
      return
    }
    if (e.status === 429 || e.status > 499) return
    let n = await e.json().catch(() => ({}))
    return e.ok
      ? { kind: 'stored', reference: n.reference || '' }
      : { kind: 'refused', problems: n.errors || [], title: n.title || 'Your answer was not accepted' }
  }
  function I(t) {
    return new Promise((r) => {
      let e = () => {
          ;(clearTimeout(n), removeEventListener('online', e), r())
        },
        n = setTimeout(e, t)
      addEventListener('online', e)
    })
  }
  function k(t) {
    localStorage.setItem(m, JSON.stringify(t))
  }
  function h() {
    try {
      return JSON.parse(localStorage.getItem(m) || '')
    } catch {
      return
    }
  }
  function N(t) {
    h()?.id === t && localStorage.removeItem(m)
  }
  var b = '/.phasegate/feedback',
    j = document.currentScript || document.querySelector('script[src*="/.phasegate/widget.js"]')
  function A(t) {
    let r = performance.now(),
      e = crypto.randomUUID ? crypto.randomUUID() : `${Math.random()}`.slice(2) + Date.now(),
      n = !1,
      s = async (a) => {
        w(t)
        let i = K(t)
        if (!i.rating && !i.comment) return M(t, [{ field: 'rating', message: 'Choose an answer or write a comment' }])
        let { found: c, text: l } = E(`${i.comment || ''}`)
        if (c.length && !a) return W(t, c, l, s)
        if (n) return
        ;((n = !0),
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective: x }) => {
            n && x === 'connect-src' && HTMLFormElement.prototype.submit.call(t)
          }))
        let u = { ...i, id: e, tookMs: Math.round(performance.now() - r) },
          d = await f(t.action.split('?')[0], u, () => P(t, u))
        ;((n = !1),
          d.kind === 'stored'
            ? R(t, d.reference)
            : M(t, d.problems.length ? d.problems : [{ field: '', message: d.title }]))
      }
    ;((t.noValidate = !0),
      t.addEventListener('submit', (a) => {
        ;(a.preventDefault(), s(!1))
      }))
  }
  function K(t) {
    let r = { page: location.pathname }
    return (
      new URL(t.action).searchParams.forEach((e, n) => (r[n] = e)),
      new FormData(t).forEach((e, n) => {
        let s = `${e}`.trim()
        s && (r[n] = s)
      }),
      r
    )
  }
  function w(t) {
    ;(t.querySelectorAll('.pgw-error,.pgw-notice').forEach((r) => r.remove()),
      t.querySelectorAll('[aria-describedby]').forEach((r) => {
        r.removeAttribute('aria-invalid')
        let e = (r.getAttribute('aria-describedby') || '').replace(/ ?pgw-error-\w*/, '')
        e ? r.setAttribute('aria-describedby', e) : r.removeAttribute('aria-describedby')
      }))
  }
  function M(t, r) {
    let e
    for (let { field: n, message: s } of r) {
      let a = n.replace(/^body\.?/, ''),
        i = `pgw-error-${a.replace(/\W/g, '')}`,
        c = o('p', { class: 'pgw-error', id: i }, o('strong', {}, 'Error: '), s),
        l = t.querySelector(`[name="${CSS.escape(a)}"]`),
        u = l?.closest('fieldset')
      u ? (u.querySelector('legend') || u).after(c) : l ? l.before(c) : t.prepend(c)
      let d = u || l
      ;(d
        ? (d.setAttribute('aria-describedby', `${d.getAttribute('aria-describedby') || ''} ${i}`.trim()),
          u || d.setAttribute('aria-invalid', 'true'))
        : (c.tabIndex = -1),
        (e ||= l || c))
    }
    e?.focus()
  }
  function T(t, r, ...e) {
    w(t)
    let n = o('div', { class: 'pgw-notice', tabindex: '-1' }, o('p', {}, o('strong', {}, r)), ...e)
    ;(t.append(n), n.focus())
  }
  function W(t, r, e, n) {
    let s = t.querySelector('[name=comment]')
    T(
      t,
      `Your comment seems to contain ${r.join(' and ')}.`,
      o('p', {}, 'Without it, your comment would read:'),
      o('blockquote', {}, e),
      o(
        'div',
        { class: 'pgw-row' },
        p(
          'Remove it and send',
          () => {
            ;(s && (s.value = e), n(!0))
          },
          !1,
        ),
        p('Send as I wrote it', () => n(!0)),
        p('Go back and change it', () => {
          ;(w(t), s?.focus())
        }),
      ),
    )
  }
  function P(t, r) {
    let e = o('div', { class: 'pgw-row' })
    ;(e.append(
      p('Keep it on this device until it is sent', () => {
        ;(k(r), e.replaceWith(o('p', {}, 'Kept. It will be sent when you next open a page of this service.')))
      }),
    ),
      T(
        t,
        'Your answer has not been sent yet.',
        o('p', {}, 'We try again until it gets through, while this page stays open.'),
        e,
      ))
  }
  function R(t, r) {
    let e = o('div', { class: 'pgw pgw-thanks', tabindex: '-1' }, o('h2', {}, 'Thank you'))
    ;(e.append(o('p', {}, 'Your answer has reached the team.')),
      r && e.append(o('p', {}, 'Your reference number is ', o('strong', {}, r))),
      t.replaceWith(e),
      e.focus())
  }
  function S() {
    let t = j?.getAttribute('src')
    ;(t &&
      !document.querySelector('link[href*="/.phasegate/widget.css"]') &&
      document.head.append(o('link', { rel: 'stylesheet', href: t.replace(/widget\.js.*/, 'widget.css') })),
      document.querySelectorAll(`form[action*="${b}"]`).forEach(A),
      document.addEventListener('click', (e) => {
        let n = e.target.closest(`a[href*="${b}"]`)
        !n ||
          e.ctrlKey ||
          e.metaKey ||
          e.shiftKey ||
          !window.HTMLDialogElement ||
          (e.preventDefault(), v(n.href, 'Give feedback', A))
      }))
    let r = h()
    r && f(new URL(b, location.href).href, r, () => {})
  }
  document.readyState === 'loading' ? document.addEventListener('DOMContentLoaded', S) : S()
})()
