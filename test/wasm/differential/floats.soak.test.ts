import { soakSize } from '../../fixtures/soak-size.ts'
import { testFloatPrograms } from './float-modules.ts'

testFloatPrograms(soakSize(100))
