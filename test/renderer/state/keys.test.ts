import { describe, expect, it } from 'vitest'
import { bindingFor, type KeyBinding } from '../../../renderer/state/keys.ts'

const binding = (over: Partial<KeyBinding> & { key: string }): KeyBinding => ({
  shown: '',
  text: '',
  group: 'Time',
  run: () => {},
  ...over,
})
const space = binding({ key: ' ' })
const call = binding({ key: 'c' })
const express = binding({ key: 'e', shift: true })
const palette = binding({ key: 'k', ctrl: true })
const help = binding({ key: '?' })
const back = binding({ key: 'ArrowLeft', alt: true })
const all = [space, call, express, palette, help, back]

/** Presses a key inside `html` at the element that carries `id="at"`. */
const press = (key: string, init: KeyboardEventInit = {}, html = '<div id="at"></div>'): KeyBinding | null => {
  document.body.innerHTML = html
  let found: KeyBinding | null = null
  const listener = (event: KeyboardEvent): void => {
    found = bindingFor(event, all)
  }
  window.addEventListener('keydown', listener, { once: true })
  document.querySelector('#at')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }))
  return found
}

describe('keys', () => {
  it('plain letters work on the page', () => {
    expect(press('c')).toBe(call)
    expect(press(' ')).toBe(space)
  })

  it.each([
    '<input id="at">',
    '<textarea id="at"></textarea>',
    '<select id="at"></select>',
    '<div contenteditable="true"><b id="at"></b></div>',
    '<div role="combobox" id="at"></div>',
  ])('they rest while typing in %s', (html) => {
    expect(press('c', {}, html)).toBeNull()
    expect(press(' ', {}, html)).toBeNull()
    expect(press('?', { shiftKey: true }, html)).toBeNull()
  })

  it('Ctrl K works while typing, and with the Mac key', () => {
    expect(press('k', { ctrlKey: true }, '<input id="at">')).toBe(palette)
    expect(press('k', { metaKey: true })).toBe(palette)
  })

  it('a letter with Ctrl or Alt is another key', () => {
    expect(press('c', { ctrlKey: true })).toBeNull()
    expect(press('c', { altKey: true })).toBeNull()
  })

  it('Shift counts for letters and not for signs', () => {
    expect(press('E', { shiftKey: true })).toBe(express)
    expect(press('e')).toBeNull()
    expect(press('C', { shiftKey: true })).toBeNull()
    expect(press('?', { shiftKey: true })).toBe(help)
    expect(press('?')).toBe(help)
  })

  it('Space on a button presses the button only', () => {
    expect(press(' ', {}, '<button id="at"></button>')).toBeNull()
    expect(press('c', {}, '<button id="at"></button>')).toBe(call)
  })

  it('menus and dialogs keep their keys', () => {
    expect(press('c', {}, '<div role="menu"><div id="at"></div></div>')).toBeNull()
    expect(press('c', {}, '<div role="dialog"><div id="at"></div></div>')).toBeNull()
  })

  it('a key that something else has used is left alone', () => {
    document.body.innerHTML = '<div id="at"></div>'
    const event = new KeyboardEvent('keydown', { key: 'c', cancelable: true })
    event.preventDefault()
    expect(bindingFor(event, all)).toBeNull()
  })
})
