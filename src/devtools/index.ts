export { mountInspector } from './inspector.ts'
export type { Inspector, InspectorOptions, TimeControls } from './inspector-options.ts'
