import { testFloatPrograms } from './float-modules.ts'

testFloatPrograms(50)
