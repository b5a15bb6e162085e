export type { PublishedRoom, PublishedState, PublishReport, PublishVeto } from './cluster/publish-report.ts'
export type { PublishOptions, ScriptClusterOptions } from './cluster/script-cluster.ts'
export { ScriptCluster } from './cluster/script-cluster.ts'
export type { DefinedScript, GameDefinition, GameOptions, GameRelation, GameScript } from './game/define-game.ts'
export { defineGame } from './game/define-game.ts'
export type { RunningGame, StartGameOptions } from './game/start-game.ts'
export { startGame } from './game/start-game.ts'
export type { ClaimState, Keeper, KeptAbout, KeptRoom, KeptSnapshot, KeptTick, RoomClaim } from './keep/keeper.ts'
export { noKeeper } from './keep/keeper.ts'
export type { MemoryKeeperOptions } from './keep/memory-keeper.ts'
export { memoryKeeper } from './keep/memory-keeper.ts'
export type { RedisClient } from './keep/redis-client.ts'
export type { RedisKeeperOptions } from './keep/redis-keeper.ts'
export { redisKeeper } from './keep/redis-keeper.ts'
export { formatRoomMetrics } from './room/room-metrics.ts'
export type { RoomQuota } from './room/room-options.ts'
export { ScriptRoom } from './room/script-room.ts'
export type { RoomSeat } from './room/seats.ts'
export type { ColumnsOptions, NearOptions, Precision, SyncedFields } from './sync/columns-options.ts'
export { q } from './sync/columns-options.ts'
export type {
  ColumnDescription,
  ColumnsDescription,
  ColumnsFrame,
  ComponentDescription,
  InputsDescription,
  InputsFrame,
  NetworkId,
  Seat,
  Sync,
  SyncDescription,
  SyncEncoder,
  SyncSource,
} from './sync/sync.ts'
export { columns } from './sync/sync-columns.ts'
export type { InputsOptions } from './sync/sync-inputs.ts'
export { inputs } from './sync/sync-inputs.ts'
