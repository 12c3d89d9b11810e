import { type Attributes, attributes, type Content, classes, type Html, html, isNothing } from '../html.ts'
import { styled, type Styled, type Text } from './text.ts'

export const skipLink = (options: Styled & { href?: string | undefined }): Html => {
  const shown = attributes({
    href: options.href || '#content',
    class: classes('govuk-skip-link', options.classes),
    ...options.attributes,
    'data-module': 'govuk-skip-link',
  })
  return html`<a${shown}>${options.text}</a>`
}

export const backLink = (options: Styled & { href?: string | undefined }): Html => {
  const shown = attributes({
    href: options.href || '#',
    class: classes('govuk-back-link', options.classes),
    ...options.attributes,
  })
  return html`<a${shown}>${isNothing(options.text) ? 'Back' : options.text}</a>`
}

export interface BreadcrumbsOptions {
  items: readonly (Styled & { href?: string | undefined })[]
  labelText?: string | undefined
  collapseOnMobile?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const breadcrumbs = (options: BreadcrumbsOptions): Html => {
  const shown = attributes({
    class: classes(
      'govuk-breadcrumbs',
      options.classes,
      options.collapseOnMobile && 'govuk-breadcrumbs--collapse-on-mobile',
    ),
    ...options.attributes,
    'aria-label': options.labelText ?? 'Breadcrumb',
  })
  const items = options.items.map(({ text, href, attributes: own }) =>
    href
      ? html`<li class="govuk-breadcrumbs__list-item"><a${attributes({ class: 'govuk-breadcrumbs__link', href, ...own })}>${text}</a></li>`
      : html`<li class="govuk-breadcrumbs__list-item" aria-current="page">${text}</li>`,
  )
  return html`<nav${shown}><ol class="govuk-breadcrumbs__list">${items}</ol></nav>`
}

export interface PaginationLink {
  href: string
  text?: Content
  /** What stands behind the link, as "2 of 3". */
  labelText?: string | undefined
  attributes?: Attributes | undefined
}
export type PaginationItem =
  | { ellipsis: true }
  | { number: number | string; href: string; current?: boolean; visuallyHiddenText?: string; attributes?: Attributes }

export interface PaginationOptions {
  items?: readonly (PaginationItem | null | undefined | false)[] | undefined
  previous?: PaginationLink | undefined
  next?: PaginationLink | undefined
  landmarkLabel?: string | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

const arrows = {
  prev: html`<svg
    class="govuk-pagination__icon govuk-pagination__icon--prev"
    xmlns="http://www.w3.org/2000/svg"
    height="13"
    width="15"
    aria-hidden="true"
    focusable="false"
    viewBox="0 0 15 13"
  >
    <path
      d="m6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 1.377-1.449-4.1856-3.9768h12.896v-2h-12.984l4.2931-4.293-1.414-1.414z"
    ></path>
  </svg>`,
  next: html`<svg
    class="govuk-pagination__icon govuk-pagination__icon--next"
    xmlns="http://www.w3.org/2000/svg"
    height="13"
    width="15"
    aria-hidden="true"
    focusable="false"
    viewBox="0 0 15 13"
  >
    <path
      d="m8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 3.9766 1.377 1.4492 6.7441-6.4062-6.7246-6.7266z"
    ></path>
  </svg>`,
}

export const pagination = (options: PaginationOptions): Html => {
  const isBlock = !options.items && Boolean(options.next || options.previous)
  const shown = attributes({
    class: classes('govuk-pagination', isBlock && 'govuk-pagination--block', options.classes),
    'aria-label': options.landmarkLabel || 'Pagination',
    ...options.attributes,
  })
  const list =
    options.items &&
    html`<ul class="govuk-pagination__list">
      ${options.items.map((item) => item && pageItem(item))}
    </ul>`
  return html`<nav${shown}>${arrowLink(options.previous, 'prev', isBlock)}${list}${arrowLink(options.next, 'next', isBlock)}</nav>`
}

const arrowLink = (link: PaginationLink | undefined, kind: 'prev' | 'next', isBlock: boolean): Html | null => {
  if (!link?.href) return null
  const page = html`<span class="govuk-visually-hidden"> page</span>`
  const words = isNothing(link.text) ? html`${kind === 'prev' ? 'Previous' : 'Next'}${page}` : link.text
  const titleClass = classes(
    'govuk-pagination__link-title',
    isBlock && !link.labelText && 'govuk-pagination__link-title--decorated',
  )
  const about =
    isBlock &&
    link.labelText &&
    html`<span class="govuk-visually-hidden">:</span>
      <span class="govuk-pagination__link-label">${link.labelText}</span>`
  const shown = attributes({
    class: 'govuk-link govuk-pagination__link',
    href: link.href,
    rel: kind,
    ...link.attributes,
  })
  const isArrowFirst = isBlock || kind === 'prev'
  return html`<div class="govuk-pagination__${kind}"><a${shown}>${isArrowFirst && arrows[kind]} <span class="${titleClass}">${words}</span> ${about}${!isArrowFirst && arrows[kind]}</a></div>`
}

const pageItem = (item: PaginationItem): Html => {
  if ('ellipsis' in item) return html`<li class="govuk-pagination__item govuk-pagination__item--ellipsis">⋯</li>`
  const shown = attributes({
    class: 'govuk-link govuk-pagination__link',
    href: item.href,
    'aria-label': item.visuallyHiddenText ?? `Page ${item.number}`,
    'aria-current': item.current && 'page',
    ...item.attributes,
  })
  const itemClass = classes('govuk-pagination__item', item.current && 'govuk-pagination__item--current')
  return html`<li class="${itemClass}"><a${shown}>${item.number}</a></li>`
}

export interface NavigationItem {
  text: Content
  href?: string | undefined
  /** This very page. */
  current?: boolean | undefined
  /** This part of the service. */
  active?: boolean | undefined
  attributes?: Attributes | undefined
}
export interface ServiceNavigationOptions {
  serviceName?: string | undefined
  serviceUrl?: string | undefined
  navigation?: readonly (NavigationItem | null | undefined | false)[] | undefined
  navigationLabel?: string | undefined
  navigationId?: string | undefined
  navigationClasses?: string | undefined
  menuButtonText?: string | undefined
  menuButtonLabel?: string | undefined
  collapseNavigationOnMobile?: boolean | undefined
  ariaLabel?: string | undefined
  slots?: {
    start?: Content
    end?: Text<Styled & { align?: string }>
    navigationStart?: Content
    navigationEnd?: Content
  }
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const serviceNavigation = (options: ServiceNavigationOptions): Html => {
  const end = styled(options.slots?.end)
  const container = classes(
    'govuk-width-container',
    end.align === 'inline' && 'govuk-service-navigation__inlining-container',
  )
  const name =
    options.serviceName &&
    html`<span class="govuk-service-navigation__service-name"
      >${
        options.serviceUrl
          ? html`<a href="${options.serviceUrl}" class="govuk-service-navigation__link">${options.serviceName}</a>`
          : html`<span class="govuk-service-navigation__text">${options.serviceName}</span>`
      }</span
    >`
  const inner = html`<div class="${container}">
    ${options.slots?.start}
    <div class="govuk-service-navigation__container">${name}${navigationList(options)}</div>
    ${end.text}
  </div>`
  const shown: Attributes = {
    class: classes('govuk-service-navigation', options.classes),
    'data-module': 'govuk-service-navigation',
    ...options.attributes,
  }
  const isSection = Boolean(options.serviceName) || !isNothing(options.slots?.start) || !isNothing(end.text)
  return isSection
    ? html`<section${attributes({ 'aria-label': options.ariaLabel ?? 'Service information', ...shown })}>${inner}</section>`
    : html`<div${attributes(shown)}>${inner}</div>`
}

const navigationList = (options: ServiceNavigationOptions): Html | null => {
  const items = (options.navigation ?? []).filter((item): item is NavigationItem => Boolean(item))
  const { navigationStart, navigationEnd } = options.slots ?? {}
  if (items.length === 0 && isNothing(navigationStart) && isNothing(navigationEnd)) return null
  const menu = options.menuButtonText || 'Menu'
  const id = options.navigationId || 'navigation'
  const isCollapsing = options.collapseNavigationOnMobile ?? items.length > 1
  const toggle = attributes({
    type: 'button',
    class: 'govuk-service-navigation__toggle govuk-js-service-navigation-toggle',
    'aria-controls': id,
    'aria-label': options.menuButtonLabel !== menu && options.menuButtonLabel,
    hidden: true,
    'aria-hidden': 'true',
  })
  const nav = attributes({
    'aria-label': options.navigationLabel || menu,
    class: classes('govuk-service-navigation__wrapper', options.navigationClasses),
  })
  const list = items.map(navigationItem)
  return html`<nav${nav}>${isCollapsing && html`<button${toggle}>${menu}</button>`}<ul class="govuk-service-navigation__list" id="${id}">${navigationStart}${list}${navigationEnd}</ul></nav>`
}

const navigationItem = (item: NavigationItem): Html => {
  const isActive = item.active || item.current
  const words = isActive
    ? html`<strong class="govuk-service-navigation__active-fallback">${item.text}</strong>`
    : item.text
  const current = isActive && (item.current ? 'page' : 'true')
  const content = item.href
    ? html`<a${attributes({ class: 'govuk-service-navigation__link', href: item.href, 'aria-current': current, ...item.attributes })}>${words}</a>`
    : html`<span${attributes({ class: 'govuk-service-navigation__text', 'aria-current': current })}>${words}</span>`
  return html`<li
    class="${classes('govuk-service-navigation__item', isActive && 'govuk-service-navigation__item--active')}"
  >
    ${content}
  </li>`
}
