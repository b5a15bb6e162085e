import { testGeneratedModules } from './fuzz-modules.ts'

testGeneratedModules(30)
