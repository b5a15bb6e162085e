export { EXPORTS } from './abi/exports.ts'
export type { Limits } from './abi/limits.ts'
export { DEFAULT_LIMITS } from './abi/limits.ts'
export { PRICES } from './abi/prices.ts'
export type { AbiExport, AbiImport, AbiSignature, FieldType, LogLevel, NamePattern, NumberType, SignatureType } from './abi/types.ts'
export { ABI_VERSION, LOG_LEVELS } from './abi/types.ts'
export type { ComponentSchema, ComponentsSchema, DefineComponentsOptions, DefinedComponents } from './ecs/components/columns.ts'
export { defineComponents } from './ecs/components/columns.ts'
export { describeEntity, listEntities } from './ecs/entities/describe-entity.ts'
export type { SavedState } from './ecs/entities/script-state.ts'
export { ScriptState } from './ecs/entities/script-state.ts'
export type { ComparedWorld, WorldDifference } from './ecs/image/difference.ts'
export { compareWorlds } from './ecs/image/difference.ts'
export { countEntities, hashWorld } from './ecs/image/hash.ts'
export type { ErrorCode, ErrorContext, ScriptFrame, SourceLocation, SourceMistake } from './errors.ts'
export { ERROR_SENTENCES, ScriptError } from './errors.ts'
export type {
  CoreModuleDescription,
  DescribedName,
  GuestKind,
  LateAnswer,
  LinkedDescription,
  ModuleDescription,
  ScriptLink,
} from './guest/guest.ts'
export type { CacheStats, CacheUse } from './guest/module-cache.ts'
export { IMPORTS } from './host/link/imports.ts'
export type { HostFunction, HostModules, HostResult, HostValue } from './host/modules/host-functions.ts'
export type { Grant } from './host/modules/permissions.ts'
export type { GameEvent } from './host/services/event-queue.ts'
export type { LogLine } from './host/services/script-log.ts'
export type {
  ComponentChanges,
  ComponentName,
  ComponentSet,
  ComponentValues,
  GrantedName,
  NoRelations,
  RelationSet,
} from './runtime/api/component-types.ts'
export type { ListenerOptions, RuntimeEventName, RuntimeEvents } from './runtime/api/emitter.ts'
export type { HostInput, ScriptContent } from './runtime/api/input-log.ts'
export type { Job, JobDelivery, JobInput, JobOptions, JobOutput, JobProgress } from './runtime/api/job.ts'
export type { Actor, Hook, Interval, LoadOptions, ReloadOptions, RequestOptions, RestartPolicy } from './runtime/api/load-options.ts'
export type { ScriptMetadata } from './runtime/api/metadata.ts'
export type { ReloadReport, TickReport } from './runtime/api/reports.ts'
export type { RuntimeOptions } from './runtime/api/runtime-options.ts'
export type { HostContext, ScriptId, ScriptInfo, ScriptStats, ScriptStatus } from './runtime/api/script-info.ts'
export type { RestoreReport } from './runtime/image/game.ts'
export type { SnapshotBytesOptions } from './runtime/image/game-snapshot.ts'
export type { ScriptRestore } from './runtime/image/script-image.ts'
export { Snapshot } from './runtime/image/snapshot.ts'
export type { DescribedComponent, GameDescription } from './runtime/load/describe-game.ts'
export { describeGame } from './runtime/load/describe-game.ts'
export { describeModule } from './runtime/load/describe-module.ts'
export type { ExtismManifest, ManifestModule } from './runtime/load/extism-manifest.ts'
export type { Manifest, ManifestBuild, ManifestRequirements, ManifestSource } from './runtime/load/manifest/manifest.ts'
export { parseManifest } from './runtime/load/manifest/parse.ts'
export type { FileSource, FollowedScript, ModSource, ScriptAsset, ScriptSource } from './runtime/load/script-source.ts'
export { WasmScriptRuntime } from './runtime/runtime.ts'
export type { HistoryOptions } from './runtime/time/history.ts'
export { History } from './runtime/time/history.ts'
export type { RecorderOptions } from './runtime/time/recorder.ts'
export { Recorder } from './runtime/time/recorder.ts'
export { Recording } from './runtime/time/recording.ts'
export type { RecordedInput, RecordedScript, RecordingContent } from './runtime/time/recording-content.ts'
export type { ReplayedScript, ReplayOptions, ReplayReport } from './runtime/time/replay.ts'
export { Replay } from './runtime/time/replay.ts'
