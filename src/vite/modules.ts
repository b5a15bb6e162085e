declare module '*?script' {
  const script: import('bitscript').ScriptAsset
  export default script
}
