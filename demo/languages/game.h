// game.h: what the game offers to scripts. Made by 'bitscript bindings <simulation> --lang c': do not edit it, make it again.
// A file whose content was edited is not overwritten.
// bitscript bindings, content 72a2517833f48155
#pragma once

/* The part of this file that is the same in every game. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An entity. It is no integer, so that it cannot be mixed up with one; `id` is its number. */
typedef struct {
  uint32_t id;
} entity;

/** No entity: what a field or a relation holds that leads nowhere. */
#define NO_ENTITY ((entity){0})

static inline bool is_entity(entity e) { return e.id != 0; }
static inline bool same_entity(entity a, entity b) { return a.id == b.id; }

/* ---- What a script declares ---- */

/** Declares a function that the game offers: `BS_IMPORT("audio", "play") void audio_play(int32_t sound);` */
#define BS_IMPORT(module, name) __attribute__((import_module(module), import_name(name), overloadable))

/** Exports a function under a name: `BS_EXPORT("lives") int32_t lives(void) { return 3; }` */
#define BS_EXPORT(name) __attribute__((export_name(name)))

/** Declares a query for for_each: `BS_QUERY(living, "Position !Dead");` */
#define BS_QUERY(query, terms)                                   \
  BS_IMPORT("ecs.query", terms) uint32_t query##_count(void);    \
  BS_IMPORT("ecs.entity", terms) entity query##_entity(uint32_t index)

/** Runs a query, and a block for each entity of its result: `for_each(living, e) { set_dead(e); }` `break` and `continue` work as in any loop. */
#define for_each(query, e)                                                                                     \
  for (entity e = NO_ENTITY, e##_at = NO_ENTITY, e##_end = {query##_count()};                                  \
       e##_at.id < e##_end.id && ((e = query##_entity(e##_at.id)), true); e##_at.id++)

/** Declares an event that this script emits: `BS_EVENT(emit_boom, "boom", float x, float y);`, then `emit_boom(1, 2);` Pass an entity as its `id`. */
#define BS_EVENT(function, event, ...) BS_IMPORT("emit", event) void function(__VA_ARGS__)

/** Declares functions that start and stop another script on an entity: `BS_SCRIPT(drift);`, then `attach_drift(e);` */
#define BS_SCRIPT(script)                                           \
  BS_IMPORT("ecs.attach", #script) void attach_##script(entity e);  \
  BS_IMPORT("ecs.detach", #script) void detach_##script(entity e)

/** Declares a metric: `BS_COUNTER(shots, "shots{weapon=laser}");`, then `shots(1);` */
#define BS_COUNTER(function, series) BS_IMPORT("metrics.counter", series) void function(double by)
#define BS_GAUGE(function, series) BS_IMPORT("metrics.gauge", series) void function(double value)
#define BS_HISTOGRAM(function, series) BS_IMPORT("metrics.histogram", series) void function(double value)

/** Declares a value of the script's config, as it is now: `BS_CONFIG_NUMBER(speed, "gun.speed");`, then `speed()` */
#define BS_CONFIG_NUMBER(function, path) BS_IMPORT("config.number", path) double function(void)
#define BS_CONFIG_FLAG(function, path) BS_IMPORT("config.flag", path) bool function(void)

/* ---- What the game calls ---- */

/** Once each tick: `BS_TICK(dt) { ... }`; `dt` is in seconds. */
#define BS_TICK(dt)                \
  void bs_tick(float);             \
  BS_EXPORT("tick") void bs_tick(float dt)

/** Each tick, for every entity that the script runs on: `BS_UPDATE(e, dt) { ... }` */
#define BS_UPDATE(e, dt)              \
  void bs_update(entity, float);      \
  BS_EXPORT("update") void bs_update(entity e, float dt)

/** When the script starts or stops running on an entity: `BS_ON_ATTACH(e) { ... }` */
#define BS_ON_ATTACH(e)           \
  void bs_on_attach(entity);      \
  BS_EXPORT("on_attach") void bs_on_attach(entity e)
#define BS_ON_DETACH(e)           \
  void bs_on_detach(entity);      \
  BS_EXPORT("on_detach") void bs_on_detach(entity e)

/** For each event of a name, in the tick after it: `BS_ON(hit, float x, float y) { ... }` */
#define BS_ON(event, ...)            \
  void bs_on_##event(__VA_ARGS__);   \
  BS_EXPORT("on_" #event) void bs_on_##event(__VA_ARGS__)

/** Once, after the first load: `BS_INIT(config) { speed = json_number(config, "speed", 60); }` */
#define BS_INIT(config)                                                                                  \
  static void bs_init_with(json);                                                                        \
  void bs_init(const char *, uint32_t);                                                                  \
  BS_EXPORT("init") void bs_init(const char *at, uint32_t length) { bs_init_with((json){at, length}); }   \
  static void bs_init_with(json config)

/**
 * Declares the state of the script: what a reload carries over to new code, and a snapshot holds. Only values, and no pointers.
 * `BS_STATE { int32_t score; float aim[2]; } state;`, then `state.score++`. It may begin with values: `} state = {.score = 5};`
 */
#define BS_STATE                                                                                         \
  extern char __start_bs_state[], __stop_bs_state[];                                                     \
  void *bs_state(void);                                                                                  \
  uint32_t bs_state_size(void);                                                                          \
  BS_EXPORT("state") void *bs_state(void) { return __start_bs_state; }                                   \
  BS_EXPORT("state_size") uint32_t bs_state_size(void) { return (uint32_t)(__stop_bs_state - __start_bs_state); } \
  static __attribute__((section("bs_state"), used)) struct bs_state

/**
 * Gives the state a version: `BS_STATE_VERSION(2)`. Without BS_MIGRATE, a state of another version or size is dropped when code is
 * reloaded. `BS_METADATA` says more: `BS_METADATA("{\"name\":\"gun\",\"version\":\"1.2.0\",\"state_version\":2}")`
 */
#define BS_STATE_VERSION(version) BS_METADATA("{\"name\":\"script\",\"version\":\"" #version ".0.0\",\"state_version\":" #version "}")
#define BS_METADATA(text)           \
  uint64_t bs_metadata(void);       \
  BS_EXPORT("get_metadata") uint64_t bs_metadata(void) { return bs_pack(text, sizeof(text) - 1); }

/** Converts the state of an older version: `BS_MIGRATE(version, old, length) { state.score = *(const int32_t *)old; }` */
#define BS_MIGRATE(version, old, length)                       \
  void bs_migrate(int32_t, const void *, uint32_t);            \
  BS_EXPORT("migrate_state") void bs_migrate(int32_t version, const void *old, uint32_t length)

/**
 * A function that takes JSON and returns JSON, such as `process` or `handle_message`:
 * `BS_JSON(process, input, output) { text_add(output, "%d", 2 * json_integer(input, "n", 0)); }`
 */
#define BS_JSON(function, input, output)                                                 \
  static void bs_json_##function(json, text *);                                          \
  uint64_t bs_export_##function(const char *, uint32_t);                                 \
  BS_EXPORT(#function) uint64_t bs_export_##function(const char *at, uint32_t length) {  \
    static char bytes[4096];                                                             \
    text result = {bytes, 0, sizeof bytes};                                              \
    bs_json_##function((json){at, length}, &result);                                     \
    return bs_pack(result.at, result.length);                                            \
  }                                                                                      \
  static void bs_json_##function(json input, text *output)

/* ---- Mathematics that is one instruction ---- */

static inline float square_root(float x) { return __builtin_sqrtf(x); }
static inline float absolute(float x) { return __builtin_fabsf(x); }
static inline float round_down(float x) { return __builtin_floorf(x); }
static inline float round_up(float x) { return __builtin_ceilf(x); }
static inline float smaller(float a, float b) { return __builtin_wasm_min_f32(a, b); }
static inline float larger(float a, float b) { return __builtin_wasm_max_f32(a, b); }

/* ---- Text ---- */

/** Text that is being written, in room for `capacity` bytes. What does not fit is left out. `TEXT(line, 100);` declares one. */
typedef struct {
  char *at;
  uint32_t length, capacity;
} text;
#define TEXT(name, capacity)    \
  char name##_bytes[capacity];  \
  text name = {name##_bytes, 0, capacity}

static inline void text_byte(text *to, char byte) {
  if (to->length < to->capacity) to->at[to->length++] = byte;
}

static inline void text_bytes(text *to, const char *from, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) text_byte(to, from[i]);
}

static inline void text_string(text *to, const char *from) {
  while (*from) text_byte(to, *from++);
}

/** Adds a text in quotation marks, as JSON writes it. */
static inline void text_quoted(text *to, const char *from) {
  text_byte(to, '"');
  for (; *from; from++) {
    if (*from == '"' || *from == '\\') text_byte(to, '\\');
    if ((unsigned char)*from >= ' ') {
      text_byte(to, *from);
    } else {
      text_string(to, "\\u00");
      text_byte(to, "0123456789abcdef"[*from >> 4]);
      text_byte(to, "0123456789abcdef"[*from & 15]);
    }
  }
  text_byte(to, '"');
}

static inline void bs_digits(text *to, uint64_t value, uint32_t base, const char *names) {
  char digits[22];
  uint32_t count = 0;
  do digits[count++] = names[value % base];
  while ((value /= base) != 0);
  while (count > 0) text_byte(to, digits[--count]);
}

static inline void text_unsigned(text *to, uint64_t value) { bs_digits(to, value, 10, "0123456789"); }

static inline void text_integer(text *to, int64_t value) {
  if (value < 0) text_byte(to, '-');
  text_unsigned(to, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/** Adds a number with up to `decimals` (9 at most) decimals, and no zeros at its end. JSON has no other numbers: what is infinite or none is `null`. */
static inline void text_number(text *to, double value, int decimals) {
  if (!(value - value == 0)) {
    text_string(to, "null");
    return;
  }
  if (value < 0) text_byte(to, '-');
  if (value < 0) value = -value;
  int exponent = 0;
  for (; value >= 1e18; exponent++) value /= 10;
  uint64_t scale = 1;
  for (int i = 0; i < decimals && i < 9; i++) scale *= 10;
  uint64_t whole = (uint64_t)value;
  uint64_t part = (uint64_t)((value - (double)whole) * (double)scale + 0.5);
  if (part >= scale) {
    whole++;
    part = 0;
  }
  text_unsigned(to, whole);
  if (part > 0) text_byte(to, '.');
  for (uint64_t place = scale / 10; part > 0; place /= 10) {
    text_byte(to, (char)('0' + part / place));
    part %= place;
  }
  if (exponent > 0) {
    text_byte(to, 'e');
    text_unsigned(to, (uint64_t)exponent);
  }
}

/** Adds bytes in the room of `width` bytes, with the sign of a number before the zeros that fill it. */
static inline void bs_padded(text *to, const char *at, int32_t length, int32_t width, bool is_left, char fill) {
  if (fill == '0' && length > 0 && *at == '-') {
    text_byte(to, *at++);
    length--;
    width--;
  }
  for (; !is_left && width > length; width--) text_byte(to, fill);
  text_bytes(to, at, (uint32_t)length);
  for (; width > length; width--) text_byte(to, ' ');
}

/**
 * Adds a format with its values. It knows `%d %i %u %x %X %o %p %c %s %f %g %e %%`, with any size such as `ll`, a width, `-` and `0`, and a precision of text and
 * of decimals; the flags `+`, `#` and space change nothing. `%f`, `%g` and `%e` write what `text_number` does.
 */
static inline void bs_format(text *to, const char *format, va_list values) {
  for (; *format; format++) {
    if (*format != '%') {
      text_byte(to, *format);
      continue;
    }
    bool is_left = false;
    char fill = ' ';
    for (format++; *format == '-' || *format == '0' || *format == '+' || *format == '#' || *format == ' '; format++) {
      if (*format == '-') is_left = true;
      if (*format == '0') fill = '0';
    }
    int32_t sizes[2] = {0, -1}; /* width, precision */
    for (int32_t i = 0; i < 2; i++) {
      if (i == 1 && *format != '.') break;
      if (i == 1) format++;
      sizes[i] = 0;
      for (; *format >= '0' && *format <= '9'; format++) sizes[i] = sizes[i] * 10 + (*format - '0');
      if (*format != '*') continue;
      sizes[i] = va_arg(values, int);
      format++;
    }
    int32_t width = sizes[0], precision = sizes[1];
    if (width < 0) is_left = true;
    if (width < 0) width = -width;
    if (is_left) fill = ' ';
    uint32_t unused = 32, longs = 0; /* the upper bits of a value that its type does not have */
    for (; *format == 'h' || *format == 'l' || *format == 'j' || *format == 'z' || *format == 't'; format++) {
      if (*format == 'h') unused = unused == 32 ? 48 : 56;
      if (*format == 'j' || (*format == 'l' && ++longs == 2)) unused = 0;
    }
    char bytes[40];
    text number = {bytes, 0, sizeof bytes};
    switch (*format) {
      case 'd':
      case 'i': {
        uint64_t value = unused == 0 ? va_arg(values, uint64_t) : va_arg(values, uint32_t);
        text_integer(&number, (int64_t)(value << unused) >> unused);
        break;
      }
      case 'u':
      case 'x':
      case 'X':
      case 'o':
      case 'p': {
        uint64_t value = unused == 0 ? va_arg(values, uint64_t) : va_arg(values, uint32_t);
        const char *names = *format == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
        bs_digits(&number, value << unused >> unused, *format == 'u' ? 10 : *format == 'o' ? 8 : 16, names);
        break;
      }
      case 'c':
        text_byte(&number, (char)va_arg(values, int));
        break;
      case 's': {
        const char *string = va_arg(values, const char *);
        int32_t length = 0;
        while (length != precision && string[length]) length++;
        bs_padded(to, string, length, width, is_left, ' ');
        continue;
      }
      case 'f':
      case 'F':
      case 'e':
      case 'E':
      case 'g':
      case 'G': {
        double value = va_arg(values, double);
        if (!(value - value == 0)) fill = ' ';
        text_number(&number, value, precision < 0 ? 6 : precision);
        break;
      }
      case '\0':
        return;
      default:
        text_byte(&number, *format);
    }
    bs_padded(to, bytes, (int32_t)number.length, width, is_left, fill);
  }
}

/** Adds text with values, as printf formats them: `text_add(&line, "wave %d", wave);` */
__attribute__((format(printf, 2, 3))) static inline void text_add(text *to, const char *format, ...) {
  va_list values;
  va_start(values, format);
  bs_format(to, format, values);
  va_end(values);
}

/** Returns a pointer and a length as exports do. */
static inline uint64_t bs_pack(const void *at, uint32_t length) { return (uint64_t)(uintptr_t)at << 32 | length; }

/* ---- The log ---- */

BS_IMPORT("host", "log_level") void bs_log_line(int32_t level, const char *at, uint32_t length);

/** Logs a line with values, as printf formats them: `log("wave %d begins", wave);` Up to 500 bytes. */
#define log(...) bs_log(1, __VA_ARGS__)
#define log_debug(...) bs_log(0, __VA_ARGS__)
#define log_warning(...) bs_log(2, __VA_ARGS__)
#define log_error(...) bs_log(3, __VA_ARGS__)
__attribute__((format(printf, 2, 3))) static inline void bs_log(int32_t level, const char *format, ...) {
  TEXT(line, 500);
  va_list values;
  va_start(values, format);
  bs_format(&line, format, values);
  va_end(values);
  bs_log_line(level, line.at, line.length);
}

/* ---- JSON that is read ---- */

/** A JSON text, or a part of one. */
typedef struct {
  const char *at;
  uint32_t length;
} json;

static inline uint32_t bs_length(const char *string) {
  uint32_t length = 0;
  while (string[length]) length++;
  return length;
}

static inline json bs_skip(json from, uint32_t count) {
  if (count > from.length) count = from.length;
  from.at += count;
  from.length -= count;
  while (from.length > 0 && (*from.at == ' ' || *from.at == '\n' || *from.at == '\r' || *from.at == '\t')) {
    from.at++;
    from.length--;
  }
  return from;
}

/** Returns the value with which a text begins. */
static inline json bs_value(json from) {
  uint32_t end = 0;
  int32_t depth = 0;
  bool quoted = false;
  for (; end < from.length; end++) {
    char byte = from.at[end];
    if (quoted) {
      if (byte == '\\') end++;
      if (byte == '"') quoted = false;
      if (byte == '"' && depth == 0) return (json){from.at, end + 1};
    } else if (byte == '"') {
      quoted = true;
    } else if (byte == '{' || byte == '[') {
      depth++;
    } else if (byte == '}' || byte == ']') {
      if (depth == 0) break;
      if (--depth == 0) return (json){from.at, end + 1};
    } else if (depth == 0 && (byte == ',' || byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t')) {
      break;
    }
  }
  return (json){from.at, end < from.length ? end : from.length};
}

/** Returns the value at a path of keys and indices, such as `gun.speed` or `waves.0.size`; of length 0 if there is none. */
static inline json json_at(json from, const char *path) {
  json at = bs_value(bs_skip(from, 0));
  while (*path) {
    uint32_t key = 0;
    while (path[key] && path[key] != '.') key++;
    if (at.length == 0 || (*at.at != '{' && *at.at != '[')) return (json){at.at, 0};
    bool is_list = *at.at == '[';
    uint32_t index = 0, wanted = 0;
    for (uint32_t i = 0; i < key; i++) wanted = wanted * 10 + (uint32_t)(path[i] - '0');
    json rest = bs_skip(at, 1), found = {at.at, 0};
    while (rest.length > 0 && *rest.at != '}' && *rest.at != ']') {
      json value = bs_value(rest);
      bool matches = is_list && index++ == wanted;
      rest = bs_skip(rest, value.length);
      if (!is_list) {
        matches = value.length == key + 2;
        for (uint32_t i = 0; matches && i < key; i++) matches = value.at[i + 1] == path[i];
        rest = bs_skip(rest, 1); /* : */
        value = bs_value(rest);
        rest = bs_skip(rest, value.length);
      }
      if (matches) found = value;
      if (matches || rest.length == 0 || *rest.at != ',') break;
      rest = bs_skip(rest, 1);
    }
    at = found;
    path += key;
    if (*path == '.') path++;
  }
  return at;
}

/** Returns the number at a path; `otherwise` if there is none. */
static inline double json_number(json from, const char *path, double otherwise) {
  json value = json_at(from, path);
  uint32_t i = 0;
  bool negative = value.length > 0 && value.at[0] == '-';
  if (negative) i++;
  if (i >= value.length || value.at[i] < '0' || value.at[i] > '9') return otherwise;
  double number = 0;
  int exponent = 0;
  for (; i < value.length && value.at[i] >= '0' && value.at[i] <= '9'; i++) number = number * 10 + (value.at[i] - '0');
  if (i < value.length && value.at[i] == '.') {
    for (i++; i < value.length && value.at[i] >= '0' && value.at[i] <= '9'; i++, exponent--) number = number * 10 + (value.at[i] - '0');
  }
  if (i < value.length && (value.at[i] == 'e' || value.at[i] == 'E')) {
    bool down = ++i < value.length && value.at[i] == '-';
    if (i < value.length && (value.at[i] == '-' || value.at[i] == '+')) i++;
    int given = 0;
    for (; i < value.length && value.at[i] >= '0' && value.at[i] <= '9'; i++) given = given < 1000 ? given * 10 + (value.at[i] - '0') : given;
    exponent += down ? -given : given;
  }
  double power = 1;
  for (int left = exponent < 0 ? -exponent : exponent; left > 0; left--) power *= 10;
  number = exponent < 0 ? number / power : number * power;
  return negative ? -number : number;
}

/** Returns the number at a path without its decimals; `otherwise` if there is none. */
static inline int32_t json_integer(json from, const char *path, int32_t otherwise) {
  double value = json_number(from, path, otherwise);
  return value >= 2147483647 ? 2147483647 : value <= -2147483648.0 ? -2147483647 - 1 : (int32_t)value;
}

/** Returns the boolean at a path; `otherwise` if there is none. */
static inline bool json_flag(json from, const char *path, bool otherwise) {
  json value = json_at(from, path);
  return value.length == 4 && value.at[0] == 't' ? true : value.length == 5 && value.at[0] == 'f' ? false : otherwise;
}

/** Returns the text at a path without its quotation marks, its escapes as they are; of length 0 if there is none. */
static inline json json_text(json from, const char *path) {
  json value = json_at(from, path);
  return value.length >= 2 && *value.at == '"' ? (json){value.at + 1, value.length - 2} : (json){value.at, 0};
}

/* ---- Storage: bytes that the game keeps for the script, by key ---- */

BS_IMPORT("storage", "get") int32_t bs_storage_get(const char *key, uint32_t length, void *to, uint32_t capacity);
BS_IMPORT("storage", "set") int32_t bs_storage_set(const char *key, uint32_t length, const void *from, uint32_t size);
BS_IMPORT("storage", "delete") int32_t bs_storage_delete(const char *key, uint32_t length);

/** Copies what is kept under a key to where it fits. Returns its length, -1 if there is none. */
static inline int32_t storage_get(const char *key, void *to, uint32_t capacity) { return bs_storage_get(key, bs_length(key), to, capacity); }
/** Keeps bytes under a key. Returns whether there was room. */
static inline bool storage_set(const char *key, const void *from, uint32_t size) { return bs_storage_set(key, bs_length(key), from, size) == 0; }
/** Removes what is kept under a key. Returns whether there was anything. */
static inline bool storage_delete(const char *key) { return bs_storage_delete(key, bs_length(key)) == 1; }

/* ---- Requests by HTTP ---- */

BS_IMPORT("http", "request") int32_t bs_http_request(const char *at, uint32_t length);

/** Asks a server: JSON `{"url": …, "method": …, "headers": …, "body": …}`. Returns the number of the answer, 0 if too many wait. */
static inline int32_t http_request(const text *request) { return bs_http_request(request->at, request->length); }

/** For each answer: `BS_ON_RESPONSE(id, status, body) { ... }`; status 0: it failed. */
#define BS_ON_RESPONSE(id, status, body)                                                                          \
  static void bs_response(int32_t, int32_t, json);                                                                \
  void bs_on_response(int32_t, int32_t, const char *, uint32_t);                                                  \
  BS_EXPORT("on_response") void bs_on_response(int32_t number, int32_t code, const char *at, uint32_t length) {   \
    bs_response(number, code, (json){at, length});                                                                \
  }                                                                                                               \
  static void bs_response(int32_t id, int32_t status, json body)

/* ---- What clang calls to copy and fill ---- */

void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
#define BS_BULK __attribute__((weak, target("bulk-memory")))
BS_BULK void *memcpy(void *to, const void *from, size_t length) { return __builtin_memcpy(to, from, length); }
BS_BULK void *memmove(void *to, const void *from, size_t length) { return __builtin_memmove(to, from, length); }
BS_BULK void *memset(void *to, int byte, size_t length) { return __builtin_memset(to, byte, length); }

/* ---- Entities ---- */

/// spawn: a new entity, at once; first updated in the next tick (fuel 30)
BS_IMPORT("ecs", "spawn") entity spawn(void);
/// despawn: remove the entity, when the script's run ends (fuel 30)
BS_IMPORT("ecs", "despawn") void despawn(entity e);
/// exists: 1 if the entity is alive, else 0 (fuel 12)
BS_IMPORT("ecs", "exists") bool exists(entity e);
/// random: seeded, in [0, 1): the number of the entity in this tick, the same at each call (fuel 30)
BS_IMPORT("ecs", "random") double entity_random(entity e);
/// attach: run this script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs", "attach") void attach(entity e);
/// detach: stop running this script on the entity, when the script's run ends (fuel 30)
BS_IMPORT("ecs", "detach") void detach(entity e);

/* ---- The component Position ---- */

/// Position: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Position") bool has_position(entity e);
/// Position: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Position") void add_position(entity e);
/// Position: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Position") void remove_position(entity e);
/// Position.x: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Position.x") float position_x(entity e);
/// Position.x: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Position.x") void set_position_x(entity e, float value);
/// Position.y: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Position.y") float position_y(entity e);
/// Position.y: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Position.y") void set_position_y(entity e, float value);

/* ---- The component Velocity ---- */

/// Velocity: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Velocity") bool has_velocity(entity e);
/// Velocity: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Velocity") void add_velocity(entity e);
/// Velocity: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Velocity") void remove_velocity(entity e);
/// Velocity.x: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Velocity.x") float velocity_x(entity e);
/// Velocity.x: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Velocity.x") void set_velocity_x(entity e, float value);
/// Velocity.y: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Velocity.y") float velocity_y(entity e);
/// Velocity.y: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Velocity.y") void set_velocity_y(entity e, float value);

/* ---- The component Health ---- */

/// Health: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Health") bool has_health(entity e);
/// Health: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Health") void add_health(entity e);
/// Health: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Health") void remove_health(entity e);
/// Health.points: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Health.points") int16_t health_points(entity e);
/// Health.points: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Health.points") void set_health_points(entity e, int16_t value);

/* ---- The component Life ---- */

/// Life: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Life") bool has_life(entity e);
/// Life: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Life") void add_life(entity e);
/// Life: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Life") void remove_life(entity e);
/// Life.left: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Life.left") float life_left(entity e);
/// Life.left: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Life.left") void set_life_left(entity e, float value);

/* ---- The component Input ---- */

/// Input: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Input") bool has_input(entity e);
/// Input: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Input") void add_input(entity e);
/// Input: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Input") void remove_input(entity e);
/// Input.x: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Input.x") int8_t input_x(entity e);
/// Input.x: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Input.x") void set_input_x(entity e, int8_t value);
/// Input.y: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Input.y") int8_t input_y(entity e);
/// Input.y: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Input.y") void set_input_y(entity e, int8_t value);
/// Input.fire: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Input.fire") uint8_t input_fire(entity e);
/// Input.fire: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Input.fire") void set_input_fire(entity e, uint8_t value);
/// Input.dash: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Input.dash") uint8_t input_dash(entity e);
/// Input.dash: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Input.dash") void set_input_dash(entity e, uint8_t value);
/// Input.aimX: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Input.aimX") int8_t input_aim_x(entity e);
/// Input.aimX: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Input.aimX") void set_input_aim_x(entity e, int8_t value);
/// Input.aimY: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Input.aimY") int8_t input_aim_y(entity e);
/// Input.aimY: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Input.aimY") void set_input_aim_y(entity e, int8_t value);

/* ---- The component Look ---- */

/// Look: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Look") bool has_look(entity e);
/// Look: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Look") void add_look(entity e);
/// Look: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Look") void remove_look(entity e);
/// Look.shape: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Look.shape") uint8_t look_shape(entity e);
/// Look.shape: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Look.shape") void set_look_shape(entity e, uint8_t value);
/// Look.size: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Look.size") float look_size(entity e);
/// Look.size: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Look.size") void set_look_size(entity e, float value);
/// Look.hue: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Look.hue") float look_hue(entity e);
/// Look.hue: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Look.hue") void set_look_hue(entity e, float value);

/* ---- The component Player ---- */

/// Player: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Player") bool has_player(entity e);
/// Player: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Player") void add_player(entity e);
/// Player: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Player") void remove_player(entity e);

/* ---- The component Hunter ---- */

/// Hunter: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Hunter") bool has_hunter(entity e);
/// Hunter: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Hunter") void add_hunter(entity e);
/// Hunter: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Hunter") void remove_hunter(entity e);

/* ---- The component Bullet ---- */

/// Bullet: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Bullet") bool has_bullet(entity e);
/// Bullet: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Bullet") void add_bullet(entity e);
/// Bullet: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Bullet") void remove_bullet(entity e);

/* ---- The component Stunned ---- */

/// Stunned: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Stunned") bool has_stunned(entity e);
/// Stunned: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Stunned") void add_stunned(entity e);
/// Stunned: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Stunned") void remove_stunned(entity e);

/* ---- The component Shielded ---- */

/// Shielded: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Shielded") bool has_shielded(entity e);
/// Shielded: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Shielded") void add_shielded(entity e);
/// Shielded: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Shielded") void remove_shielded(entity e);

/* ---- The component Dead ---- */

/// Dead: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Dead") bool has_dead(entity e);
/// Dead: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Dead") void add_dead(entity e);
/// Dead: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Dead") void remove_dead(entity e);

/* ---- The component Lives ---- */

/// Lives: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Lives") bool has_lives(entity e);
/// Lives: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Lives") void add_lives(entity e);
/// Lives: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Lives") void remove_lives(entity e);
/// Lives.left: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Lives.left") uint8_t lives_left(entity e);
/// Lives.left: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Lives.left") void set_lives_left(entity e, uint8_t value);

/* ---- The component Dash ---- */

/// Dash: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Dash") bool has_dash(entity e);
/// Dash: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Dash") void add_dash(entity e);
/// Dash: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Dash") void remove_dash(entity e);
/// Dash.left: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Dash.left") float dash_left(entity e);
/// Dash.left: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Dash.left") void set_dash_left(entity e, float value);
/// Dash.rest: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Dash.rest") float dash_rest(entity e);
/// Dash.rest: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Dash.rest") void set_dash_rest(entity e, float value);

/* ---- The component Power ---- */

/// Power: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Power") bool has_power(entity e);
/// Power: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Power") void add_power(entity e);
/// Power: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Power") void remove_power(entity e);
/// Power.left: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Power.left") float power_left(entity e);
/// Power.left: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Power.left") void set_power_left(entity e, float value);

/* ---- The component Timer ---- */

/// Timer: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Timer") bool has_timer(entity e);
/// Timer: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Timer") void add_timer(entity e);
/// Timer: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Timer") void remove_timer(entity e);
/// Timer.left: read a field of an entity (fuel 0)
BS_IMPORT("ecs.get", "Timer.left") float timer_left(entity e);
/// Timer.left: write a field of an entity; integers wrap (fuel 0)
BS_IMPORT("ecs.set", "Timer.left") void set_timer_left(entity e, float value);

/* ---- The component Pickup ---- */

/// Pickup: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Pickup") bool has_pickup(entity e);
/// Pickup: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Pickup") void add_pickup(entity e);
/// Pickup: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Pickup") void remove_pickup(entity e);

/* ---- The component Autopilot ---- */

/// Autopilot: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Autopilot") bool has_autopilot(entity e);
/// Autopilot: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Autopilot") void add_autopilot(entity e);
/// Autopilot: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Autopilot") void remove_autopilot(entity e);

/* ---- The component Score ---- */

/// Score: 1 if the entity has the component, else 0 (fuel 20)
BS_IMPORT("ecs.has", "Score") bool has_score(entity e);
/// Score: add the component, at once; its fields begin at 0 (fuel 30)
BS_IMPORT("ecs.add", "Score") void add_score(entity e);
/// Score: remove the component, when the script's run ends (fuel 30)
BS_IMPORT("ecs.remove", "Score") void remove_score(entity e);
/// Score.points: read a field of an entity (fuel 14)
BS_IMPORT("ecs.get", "Score.points") double score_points(entity e);
/// Score.points: write a field of an entity; integers wrap (fuel 14)
BS_IMPORT("ecs.set", "Score.points") void set_score_points(entity e, double value);

/* ---- Relations ---- */

/// Follows: the first target of the relation, 0 if there is none (fuel 20)
BS_IMPORT("ecs.target", "Follows") entity follows_target(entity e);
/// Follows: add the relation to a target, at once; its data begin at 0 (fuel 30)
BS_IMPORT("ecs.relate", "Follows") void relate_follows(entity e, entity target);
/// Follows: remove the relation to a target, when the script's run ends (fuel 30)
BS_IMPORT("ecs.unrelate", "Follows") void unrelate_follows(entity e, entity target);

/* ---- Other scripts ---- */

/// boss: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "boss") void attach_boss(entity e);
/// boss: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "boss") void detach_boss(entity e);
/// charger: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "charger") void attach_charger(entity e);
/// charger: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "charger") void detach_charger(entity e);
/// collide: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "collide") void attach_collide(entity e);
/// collide: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "collide") void detach_collide(entity e);
/// dash: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "dash") void attach_dash(entity e);
/// dash: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "dash") void detach_dash(entity e);
/// gun: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "gun") void attach_gun(entity e);
/// gun: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "gun") void detach_gun(entity e);
/// hunter: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "hunter") void attach_hunter(entity e);
/// hunter: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "hunter") void detach_hunter(entity e);
/// mover: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "mover") void attach_mover(entity e);
/// mover: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "mover") void detach_mover(entity e);
/// pickup: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "pickup") void attach_pickup(entity e);
/// pickup: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "pickup") void detach_pickup(entity e);
/// player: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "player") void attach_player(entity e);
/// player: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "player") void detach_player(entity e);
/// reaper: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "reaper") void attach_reaper(entity e);
/// reaper: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "reaper") void detach_reaper(entity e);
/// score: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "score") void attach_score(entity e);
/// score: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "score") void detach_score(entity e);
/// shield: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "shield") void attach_shield(entity e);
/// shield: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "shield") void detach_shield(entity e);
/// shot: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "shot") void attach_shot(entity e);
/// shot: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "shot") void detach_shot(entity e);
/// spark: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "spark") void attach_spark(entity e);
/// spark: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "spark") void detach_spark(entity e);
/// spitter: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "spitter") void attach_spitter(entity e);
/// spitter: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "spitter") void detach_spitter(entity e);
/// spread: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "spread") void attach_spread(entity e);
/// spread: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "spread") void detach_spread(entity e);
/// stars: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "stars") void attach_stars(entity e);
/// stars: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "stars") void detach_stars(entity e);
/// waves: run another script on the entity, from the next tick (fuel 30)
BS_IMPORT("ecs.attach", "waves") void attach_waves(entity e);
/// waves: stop running another script on the entity, when this script's run ends (fuel 30)
BS_IMPORT("ecs.detach", "waves") void detach_waves(entity e);

/* ---- Events ---- */

/// blast: queue an event, with any numbers (fuel 200)
BS_IMPORT("emit", "blast") void emit_blast(float value1, float value2);
/// boss: queue an event, with any numbers (fuel 240)
BS_IMPORT("emit", "boss") void emit_boss(float value1, float value2, int32_t value3);
/// charger: queue an event, with any numbers (fuel 200)
BS_IMPORT("emit", "charger") void emit_charger(float value1, float value2);
/// hatch: queue an event, with any numbers (fuel 200)
BS_IMPORT("emit", "hatch") void emit_hatch(float value1, float value2);
/// hurt: queue an event, with any numbers (fuel 160)
BS_IMPORT("emit", "hurt") void emit_hurt(int32_t value1);
/// killed: queue an event, with any numbers (fuel 240)
BS_IMPORT("emit", "killed") void emit_killed(float value1, float value2, int32_t value3);
/// over: queue an event, with any numbers (fuel 160)
BS_IMPORT("emit", "over") void emit_over(int32_t value1);
/// shoot: queue an event, with any numbers (fuel 240)
BS_IMPORT("emit", "shoot") void emit_shoot(float value1, float value2, double value3);
/// spit: queue an event, with any numbers (fuel 240)
BS_IMPORT("emit", "spit") void emit_spit(float value1, float value2, double value3);
/// spitter: queue an event, with any numbers (fuel 200)
BS_IMPORT("emit", "spitter") void emit_spitter(float value1, float value2);
/// wave: queue an event, with any numbers (fuel 160)
BS_IMPORT("emit", "wave") void emit_wave(int32_t value1);

/* ---- Functions of the game ---- */

/// audio.play: a function of the game (fuel 50)
BS_IMPORT("audio", "play") void audio_play(int32_t value1);

/* ---- Time, chance, memory, the log ---- */

/// time: seconds simulated so far (fuel 12)
BS_IMPORT("host", "time") double bs_time(void);
/// tick: ticks completed so far (fuel 12)
BS_IMPORT("host", "tick") uint32_t bs_ticks(void);
/// random: seeded, in [0, 1) (fuel 30)
BS_IMPORT("host", "random") double bs_random(void);
/// state_version: in `set_state`: the state_version of the code that saved it, 0 if it gave none (fuel 12)
BS_IMPORT("host", "state_version") int32_t bs_state_version(void);
/// memory_used: bytes of the memory of the instance (fuel 12)
BS_IMPORT("host", "memory_used") int32_t bs_memory_used(void);
/// memory_limit: bytes that it may have: `limits.memoryPages`, or less where other instances have what `totalMemoryPages` allows (fuel 12)
BS_IMPORT("host", "memory_limit") int32_t bs_memory_limit(void);
/// memory_pressure: 0 below half of that limit, 1 from there on, 2 from 3/4, 3 from 7/8, 4 from 15/16 (fuel 12)
BS_IMPORT("host", "memory_pressure") int32_t bs_memory_pressure(void);

/* ---- Mathematics, with the same bits on every engine ---- */

/// sin: sin(x), the same bits on every engine (fuel 240)
BS_IMPORT("math", "sin") double math_sin(double x);
/// cos: cos(x), the same bits on every engine (fuel 240)
BS_IMPORT("math", "cos") double math_cos(double x);
/// tan: tan(x), the same bits on every engine (fuel 240)
BS_IMPORT("math", "tan") double math_tan(double x);
/// asin: asin(x), the same bits on every engine (fuel 20)
BS_IMPORT("math", "asin") double math_asin(double x);
/// acos: acos(x), the same bits on every engine (fuel 20)
BS_IMPORT("math", "acos") double math_acos(double x);
/// atan: atan(x), the same bits on every engine (fuel 20)
BS_IMPORT("math", "atan") double math_atan(double x);
/// exp: exp(x), the same bits on every engine (fuel 45)
BS_IMPORT("math", "exp") double math_exp(double x);
/// log: log(x), the same bits on every engine (fuel 45)
BS_IMPORT("math", "log") double math_log(double x);
/// atan2: atan2(a, b), the same bits on every engine (fuel 22)
BS_IMPORT("math", "atan2") double math_atan2(double a, double b);
/// pow: pow(a, b), the same bits on every engine (fuel 160)
BS_IMPORT("math", "pow") double math_pow(double a, double b);
/// hypot: hypot(a, b), the same bits on every engine (fuel 72)
BS_IMPORT("math", "hypot") double math_hypot(double a, double b);

/* ---- Storage ---- */

/// used: bytes of all keys and values (fuel 12)
BS_IMPORT("storage", "used") int32_t storage_used(void);

/* ---- Queries of loaded scripts, for for_each ---- */

/// Bullet Position
BS_QUERY(bullet_position, "Bullet Position");
/// Dead Position
BS_QUERY(dead_position, "Dead Position");
/// Hunter Position !Dead
BS_QUERY(hunter_position_not_dead, "Hunter Position !Dead");
/// Hunter Velocity !Dead
BS_QUERY(hunter_velocity_not_dead, "Hunter Velocity !Dead");
/// Player Position
BS_QUERY(player_position, "Player Position");
/// Player Score
BS_QUERY(player_score, "Player Score");
/// Position Velocity !Dead
BS_QUERY(position_velocity_not_dead, "Position Velocity !Dead");
/// Bullet !Dead
BS_QUERY(bullet_not_dead, "Bullet !Dead");
/// Hunter !Dead
BS_QUERY(hunter_not_dead, "Hunter !Dead");
// what scripts name: {"scripts":["boss","charger","collide","dash","gun","hunter","mover","pickup","player","reaper","score","shield","shot","spark","spitter","spread","stars","waves"],"events":[["boss",[["f32","f32","i32"]]],["charger",[["f32","f32"]]],["hatch",[["f32","f32"]]],["hurt",[["i32"]]],["killed",[["f32","f32"],["f32","f32","i32"]]],["shoot",[["f32","f32","f64"]]],["spit",[["f32","f32","f64"]]],["spitter",[["f32","f32"]]],["wave",[["i32"]]]],"imports":[{"module":"audio","name":"play","params":["i32"],"results":[]},{"module":"ecs.entity","name":"Bullet Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Dead Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Hunter Position !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Hunter Velocity !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Player Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Player Score","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Position Velocity !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.query","name":"Bullet !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Bullet Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Dead Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter Position !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter Velocity !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Player Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Player Score","params":[],"results":["i32"]},{"module":"ecs.query","name":"Position Velocity !Dead","params":[],"results":["i32"]},{"module":"emit","name":"blast","params":["f32","f32"],"results":[]},{"module":"emit","name":"boss","params":["f32","f32","i32"],"results":[]},{"module":"emit","name":"charger","params":["f32","f32"],"results":[]},{"module":"emit","name":"hatch","params":["f32","f32"],"results":[]},{"module":"emit","name":"hurt","params":["i32"],"results":[]},{"module":"emit","name":"killed","params":["f32","f32","i32"],"results":[]},{"module":"emit","name":"over","params":["i32"],"results":[]},{"module":"emit","name":"shoot","params":["f32","f32","f64"],"results":[]},{"module":"emit","name":"spit","params":["f32","f32","f64"],"results":[]},{"module":"emit","name":"spitter","params":["f32","f32"],"results":[]},{"module":"emit","name":"wave","params":["i32"],"results":[]}]}
