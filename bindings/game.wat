;; Copy the imports that a script calls: one that it does not call costs nothing but the bytes of its name. An entity is an i32. The price in
;; fuel is beside one unit for the call. Declare other names in the same way: an event, a query, a metric, a path of the config.
;;
;; What a script may export, all of it optional:
;;   (func (export "init") (param $text i32) (param $length i32))  once, after the first load: the config as JSON; it needs (memory (export "memory") 1)
;;   (func (export "tick") (param $dt f32))                        once each tick
;;   (func (export "update") (param $eid i32) (param $dt f32))     each tick, for every entity that it runs on
;;   (func (export "on_attach") (param $eid i32))                  when it starts to run on an entity; on_detach: when it stops
;;   (func (export "on_hit") (param $x f32) (param $y f32))        for each event `hit`, in the tick after it
;;   (global (export "state") i32 (i32.const 1024))                where its whole state lies in memory, which a reload carries over
;;   (global (export "state_size") i32 (i32.const 12))             and how many bytes it has
