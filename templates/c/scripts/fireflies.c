// Fireflies flutter about. One that the lantern reaches is caught, and rises from the grass again.
#include "game.h"

static const float WIDTH = 960, HEIGHT = 540;
static const float REACH = 36;
static const float FLUTTER = 24;

// What a reload copies to the new code.
BS_STATE {
  int32_t score;
} state;

BS_QUERY(lanterns, "Lantern Position");
BS_EVENT(emit_caught, "caught", float x, float y, int32_t score);

static float lantern_x, lantern_y;

// Returns a velocity with a bit of chance in it.
static float fluttered(float velocity) {
  return velocity * 0.98f + ((float)bs_random() - 0.5f) * FLUTTER;
}

static void catch(entity firefly) {
  state.score++;
  emit_caught(position_x(firefly), position_y(firefly), state.score);
  if (state.score % 10 == 0) log("%d fireflies are caught", state.score);
  set_position_x(firefly, (float)bs_random() * WIDTH);
  set_position_y(firefly, HEIGHT);
  set_velocity_x(firefly, 0);
  set_velocity_y(firefly, -80);
}

// Called once each tick, before update.
BS_TICK(dt) {
  for_each(lanterns, lantern) {
    lantern_x = position_x(lantern);
    lantern_y = position_y(lantern);
  }
}

// Called each tick, for every entity that the script is attached to.
BS_UPDATE(firefly, dt) {
  set_velocity_x(firefly, fluttered(velocity_x(firefly)));
  set_velocity_y(firefly, fluttered(velocity_y(firefly)));
  float dx = position_x(firefly) - lantern_x;
  float dy = position_y(firefly) - lantern_y;
  if (square_root(dx * dx + dy * dy) < REACH) catch(firefly);
}
