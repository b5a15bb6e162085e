import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: tags.controlKeyword, color: 'var(--code-flow)' },
  { tag: tags.operator, color: 'var(--code-operator)' },
  { tag: [tags.typeName, tags.propertyName], color: 'var(--code-type)' },
  { tag: tags.variableName, color: 'var(--code-name)' },
  { tag: tags.bracket, color: 'var(--code-bracket)' },
])

const look = EditorView.theme({
  '&': { blockSize: '100%', color: 'var(--editor-text)', backgroundColor: 'var(--code-back)', fontSize: 'var(--code-size)' },
  // The gutter would cover an outline inside the editor.
  '&.cm-focused': { outline: '2px solid var(--editor-focus)', outlineOffset: '0' },
  '.cm-scroller': { fontFamily: 'var(--code-font)', lineHeight: '1.5' },
  '.cm-scroller:focus-visible': { outline: '2px solid var(--editor-focus)', outlineOffset: '-2px' },
  '.cm-content': { caretColor: 'var(--editor-text)' },
  '.cm-cursor': { borderInlineStart: '2px solid var(--editor-text)' },
  '.cm-gutters': { backgroundColor: 'var(--code-back)', color: 'var(--code-comment)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minInlineSize: '2.5em', paddingInline: '4px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--code-line)' },
  // Replaces images in data: URLs, which a strict content security policy refuses.
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    paddingBlockEnd: '0',
    textDecoration: 'underline wavy var(--editor-bad) 1.5px',
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
  },
  '.cm-lintRange-active': { backgroundColor: 'var(--code-mistake)' },
  '.cm-lintPoint-error:after': { borderBottomColor: 'var(--editor-bad)' },
  '.cm-gutter-lint': { inlineSize: '1.2em' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-lint-marker': { inlineSize: 'auto', blockSize: 'auto', textAlign: 'center' },
  '.cm-lint-marker-error': { content: 'normal' },
  '.cm-lint-marker-error:after': { content: '"✗"', color: 'var(--editor-bad)', fontWeight: 'bold' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--code-selection)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--code-selection)', outline: '1px solid var(--code-comment)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--code-mistake)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--editor-back)',
    color: 'var(--editor-text)',
    border: '1px solid var(--editor-edge)',
    maxInlineSize: 'min(28rem, 90vw)',
  },
  '.cm-diagnostic': { padding: '4px 8px', borderInlineStart: '3px solid var(--editor-bad)', overflowWrap: 'anywhere' },
})

/** The theme. Its colours are variables of editor.css, which defines them for light and dark pages. */
export const theme: Extension = [syntaxHighlighting(colours), look]
