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
  '.cm-tooltip.cm-tooltip-autocomplete': { maxInlineSize: 'min(34rem, 96vw)', overflow: 'visible' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--code-font)', maxBlockSize: '14em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', gap: '1em', padding: '2px 8px', lineHeight: '1.4' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--code-selection)', color: 'var(--editor-text)' },
  '.cm-tooltip-autocomplete-disabled ul li[aria-selected]': { backgroundColor: 'var(--code-selection)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: 'bold' },
  '.cm-completionDetail': {
    marginInlineStart: 'auto',
    fontStyle: 'normal',
    color: 'var(--editor-quiet)',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
  'li[aria-selected] > .cm-completionDetail': { color: 'var(--editor-text)' },
  '.cm-tooltip.cm-completionInfo': { padding: '0', inlineSize: 'max-content', maxInlineSize: 'min(30rem, 90vw)' },
  '.cm-explanation': { padding: '5px 9px', overflowWrap: 'anywhere', font: '13px/1.4 system-ui, sans-serif' },
  '.cm-explanation code': { fontFamily: 'var(--code-font)', color: 'var(--code-operator)' },
  '.cm-explanation p': { margin: '3px 0 0' },
  '.cm-explanation .cm-fuel': { color: 'var(--editor-quiet)' },
  '.cm-foldGutter .cm-gutterElement': { inlineSize: '1em', textAlign: 'center', cursor: 'pointer' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--editor-hover)',
    color: 'var(--editor-text)',
    border: '1px solid var(--editor-edge)',
    padding: '0 4px',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--code-match)' },
  '.cm-searchMatch': { backgroundColor: 'var(--code-match)', outline: '1px solid var(--code-comment)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--code-selection)', outline: '2px solid var(--editor-focus)' },
  '.cm-panels': { backgroundColor: 'var(--editor-back)', color: 'var(--editor-text)' },
  '.cm-panels-top': { borderBlockEnd: '1px solid var(--editor-edge)' },
  '.cm-panel.cm-search': { padding: '6px 40px 6px 8px', font: '13px/1.4 system-ui, sans-serif' },
  '.cm-panel.cm-search label': { fontSize: '13px', marginInlineEnd: '8px' },
  '.cm-panel.cm-search [name=close]': {
    inset: '2px 4px auto auto',
    inlineSize: '30px',
    blockSize: '30px',
    fontSize: '18px',
    color: 'var(--editor-text)',
    cursor: 'pointer',
  },
  // In a narrow editor the text needs the room.
  '@container live-editor (max-width: 27rem)': {
    '.cm-panel.cm-search :is(br, label, [name=select], [name=replace], [name=replaceAll])': { display: 'none' },
    '.cm-panel.cm-search [name=search]': { maxInlineSize: '8em' },
  },
  '.cm-textfield': {
    minBlockSize: '28px',
    border: '1px solid var(--editor-edge)',
    backgroundColor: 'var(--code-back)',
    color: 'var(--editor-text)',
    fontSize: '13px',
  },
  '.cm-button': {
    minBlockSize: '28px',
    border: '1px solid var(--editor-edge)',
    borderRadius: '5px',
    backgroundImage: 'none',
    backgroundColor: 'var(--editor-raised)',
    color: 'var(--editor-text)',
    fontSize: '13px',
    cursor: 'pointer',
  },
  '.cm-button:active': { backgroundImage: 'none', backgroundColor: 'var(--editor-hover)' },
  '.cm-panels :focus-visible': { outline: '2px solid var(--editor-focus)', outlineOffset: '1px' },
  '.cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--code-inserted)' },
  '& .cm-changedText, & .cm-insertedLine .cm-changedText': { background: 'none', boxShadow: 'inset 0 -2px var(--editor-good)' },
  '.cm-deletedChunk': { backgroundColor: 'var(--code-mistake)', paddingInlineStart: '6px' },
  '& .cm-deletedChunk .cm-deletedText': { background: 'none', boxShadow: 'inset 0 -2px var(--editor-bad)' },
  '.cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
  '.cm-collapsedLines': {
    background: 'var(--editor-hover)',
    color: 'var(--editor-text)',
    paddingBlock: '4px',
    font: '13px/1.4 system-ui, sans-serif',
  },
  // The signs of the package are in few fonts.
  '& .cm-collapsedLines:before, & .cm-collapsedLines:after': { content: '"↕"' },
  '.cm-breakpoints': { inlineSize: '1.3em', cursor: 'pointer' },
  '.cm-breakpoints .cm-gutterElement': { textAlign: 'center', color: 'var(--editor-bad)' },
  '.cm-breakpoints .cm-gutterElement:hover:empty::after, .cm-breakpoints .cm-gutterElement:hover:not(:has(.cm-breakpoint))::after': {
    content: '"○"',
  },
  '.cm-counts .cm-gutterElement': { paddingInline: '2px 4px', color: 'var(--editor-quiet)', fontSize: '0.85em', textAlign: 'right' },
  '.cm-line.cm-step': { backgroundColor: 'var(--code-step)', boxShadow: 'inset 3px 0 var(--editor-accent)' },
  '.cm-values': {
    display: 'inline-block',
    marginInlineStart: '2em',
    paddingInline: '4px',
    color: 'var(--code-values)',
    whiteSpace: 'pre',
    userSelect: 'none',
  },
  // Seen also if the line is pushed sideways.
  '.cm-values.cm-below': {
    position: 'sticky',
    insetInlineStart: '9em',
    display: 'block',
    inlineSize: 'fit-content',
    maxInlineSize: 'calc(100cqi - 10em)',
    marginInlineStart: '0',
    whiteSpace: 'pre-wrap',
  },
  '.cm-ahead': { color: 'var(--editor-quiet)', fontStyle: 'italic' },
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((shade) => [
      `.cm-heat-${shade}`,
      { backgroundImage: `linear-gradient(to right, color-mix(in srgb, var(--code-heat) ${10 * shade}%, transparent), transparent 12em)` },
    ]),
  ),
  '.cm-diagnostic': { padding: '4px 8px', borderInlineStart: '3px solid var(--editor-bad)', overflowWrap: 'anywhere' },
})

/** The theme. Its colours are variables of editor.css, which defines them for light and dark pages. */
export const theme: Extension = [syntaxHighlighting(colours), look]
