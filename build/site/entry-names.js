// A plugin of TypeDoc: names the entries of the package as one imports them.
import { Converter } from 'typedoc'

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const entry of project.children ?? []) entry.name = entry.name === 'index' ? 'bitscript' : `bitscript/${entry.name}`
  })
}
