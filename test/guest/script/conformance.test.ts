import { describe, expect, it } from 'vitest'
import { describeGuest } from '../conformance.ts'
import { testedScript } from './programs.ts'

describeGuest(testedScript, { describe, expect, it })
