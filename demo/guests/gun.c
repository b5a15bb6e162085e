// gun: turns `shoot` events into bullets, and removes bullets after their time. In C, as a WebAssembly component.
//
// Lesson: a component imports what gun.wit and game.wit declare. The names are those of the interfaces; numbers are passed as they are,
// so that `get-left` becomes a load from the column, as it does in a script. A string that comes in is in memory that the component
// reserves by `cabi_realloc`; one that goes out is returned as the address of its pointer and length.
// `npm run guests:c` builds gun.wasm.

typedef unsigned entity;
typedef struct { const char *text; unsigned length; } string;

#define IMPORT(interface, name) __attribute__((import_module(interface), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("bitscript:game/entities", "spawn") entity spawn(void);
IMPORT("bitscript:game/entities", "despawn") void despawn(entity);
IMPORT("bitscript:game/entities", "attach") void attach(entity);
IMPORT("bitscript:game/math", "sin") double game_sin(double);
IMPORT("bitscript:game/math", "cos") double game_cos(double);
IMPORT("bitscript:game/math", "random") double game_random(void);
IMPORT("queries", "count-bullet-and-not-dead") unsigned bullets(void);
IMPORT("game:ecs/bullet", "add") void add_bullet(entity);
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
// A host function of this game's own.
IMPORT("audio", "play") void play(int sound);

static const int bullets_a_shot = 3;
static const double spread = 0.25;
static const double speed = 520;
static const float seconds = 1.4f;

// What `get-state` carries over a reload.
static unsigned shots;

// The host can ask: runtime.call(id, 'in-flight')
EXPORT("in-flight") unsigned in_flight(void) { return bullets(); }
EXPORT("fired") unsigned fired(void) { return shots; }

EXPORT("on-attach") void on_attach(entity bullet) { set_life(bullet, seconds); }

static void fire(float x, float y, double angle) {
  entity bullet = spawn();
  add_bullet(bullet);
  add_position(bullet);
  add_velocity(bullet);
  add_life(bullet);
  add_look(bullet);
  set_x(bullet, x);
  set_y(bullet, y);
  set_velocity_x(bullet, (float)(speed * game_cos(angle)));
  set_velocity_y(bullet, (float)(speed * game_sin(angle)));
  set_shape(bullet, 2);
  set_size(bullet, 3);
  set_hue(bullet, 50);
  attach(bullet);
}

EXPORT("on-shoot") void on_shoot(float x, float y, double angle) {
  play(0);
  shots++;
  for (int left = bullets_a_shot; left > 0; left--) fire(x, y, angle + spread * (game_random() - 0.5));
}

EXPORT("update") void update(entity bullet, float dt) {
  set_life(bullet, life(bullet) - dt);
  if (life(bullet) <= 0) despawn(bullet);
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
  unsigned left = shots;
  do *--at = '0' + left % 10; while ((left /= 10) > 0);
  result = (string){at, text + sizeof text - at};
  return &result;
}

EXPORT("set-state") void set_state(const char *text, unsigned length) {
  shots = 0;
  for (unsigned index = 0; index < length && text[index] >= '0' && text[index] <= '9'; index++) shots = shots * 10 + (text[index] - '0');
}
