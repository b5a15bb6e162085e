// spark: a burst of sparks where something was killed. In C, as a WebAssembly component, what scripts-wat/spark.wat is in WAT.
//
// Lesson: a component imports what game.wit declares, which `bitscript wit` printed, and exports what spark.wit says. Numbers are passed as
// they are, so that `get-left` becomes a load from the column, as it does in a script. A string that comes in is in memory that the component
// reserves by `cabi_realloc`; one that goes out is returned as the address of its pointer and its length.
// `npm run guests:components` builds spark.wasm.

typedef unsigned entity;
typedef struct {
  const char *text;
  unsigned length;
} string;

#define IMPORT(interface, name) __attribute__((import_module(interface), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("bitscript:game/entities", "spawn") entity spawn(void);
IMPORT("bitscript:game/entities", "despawn") void despawn(entity);
IMPORT("bitscript:game/entities", "attach") void attach(entity);
IMPORT("bitscript:game/math", "sin") double game_sin(double);
IMPORT("bitscript:game/math", "cos") double game_cos(double);
IMPORT("bitscript:game/math", "exp") double game_exp(double);
IMPORT("bitscript:game/math", "random") double game_random(void);
IMPORT("game:ecs/position", "add") void add_position(entity);
IMPORT("game:ecs/position", "set-x") void set_x(entity, float);
IMPORT("game:ecs/position", "set-y") void set_y(entity, float);
IMPORT("game:ecs/velocity", "add") void add_velocity(entity);
IMPORT("game:ecs/velocity", "set-x") void set_velocity_x(entity, float);
IMPORT("game:ecs/velocity", "set-y") void set_velocity_y(entity, float);
IMPORT("game:ecs/life", "add") void add_life(entity);
IMPORT("game:ecs/life", "get-left") float life(entity);
IMPORT("game:ecs/life", "set-left") void set_life(entity, float);
IMPORT("game:ecs/look", "add") void add_look(entity);
IMPORT("game:ecs/look", "set-shape") void set_shape(entity, int);
IMPORT("game:ecs/look", "set-size") void set_size(entity, float);
IMPORT("game:ecs/look", "set-hue") void set_hue(entity, float);

static const int sparks = 6;
static const double speed = 90;
static const float seconds = 0.6f;

// What `get-state` carries over a reload.
static unsigned bursts;

// The host can ask: runtime.call(id, 'burst-count')
EXPORT("burst-count") unsigned burst_count(void) { return bursts; }

EXPORT("on-killed") void on_killed(float x, float y) {
  bursts++;
  for (int left = sparks; left > 0; left--) {
    entity spark = spawn();
    double angle = game_random() * 6.283185307179586;
    add_position(spark);
    add_velocity(spark);
    add_life(spark);
    add_look(spark);
    set_x(spark, x);
    set_y(spark, y);
    set_velocity_x(spark, (float)(speed * game_cos(angle)));
    set_velocity_y(spark, (float)(speed * game_sin(angle)));
    set_life(spark, seconds);
    set_shape(spark, 3);
    set_hue(spark, 20);
    set_size(spark, 4);
    attach(spark);
  }
}

EXPORT("update") void update(entity spark, float dt) {
  float left = life(spark) - dt;
  set_life(spark, left);
  if (left <= 0) {
    despawn(spark);
    return;
  }
  // 4 px when it is new, and less and less from then on.
  set_size(spark, (float)(4 * game_exp(3 * (left - seconds))));
}

// Memory for one string that comes in: each call passes one at most.
static char room[1024];

EXPORT("cabi_realloc") void *reserve(void *old, unsigned old_size, unsigned alignment, unsigned size) {
  if (size > sizeof room) __builtin_trap();
  return room;
}

EXPORT("get-state") string *get_state(void) {
  static char text[16];
  static string result;
  char *at = text + sizeof text;
  unsigned left = bursts;
  do *--at = '0' + left % 10;
  while ((left /= 10) > 0);
  result = (string){at, text + sizeof text - at};
  return &result;
}

EXPORT("set-state") void set_state(const char *text, unsigned length) {
  bursts = 0;
  for (unsigned index = 0; index < length && text[index] >= '0' && text[index] <= '9'; index++) bursts = bursts * 10 + (text[index] - '0');
}
