/** Takes the place of the compiler in a page that was built without it. */
export function main(): Promise<never> {
  return Promise.reject(new Error("this page was built without the compiler of AssemblyScript: build it with 'npm run demo:build'"))
}
