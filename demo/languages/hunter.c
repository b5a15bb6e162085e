// hunter: the swarm that hunts the player, as scripts-wat/hunter.wat in C.
#include "game.h"

static const float SPEED = 60, AGILITY = 1.5f;

// The player and its position in this tick.
static entity prey;
static float prey_x = 800, prey_y = 600;

BS_ON(hatch, float x, float y) {
  entity hunter = spawn();
  add_hunter(hunter);
  add_position(hunter);
  add_velocity(hunter);
  add_health(hunter);
  add_look(hunter);
  set_position_x(hunter, x);
  set_position_y(hunter, y);
  set_velocity_x(hunter, 0);
  set_velocity_y(hunter, 0);
  set_health_points(hunter, 2);
  set_look_shape(hunter, 1);
  set_look_size(hunter, 5);
  set_look_hue(hunter, 330 + 40 * (float)bs_random());
  attach(hunter);
}

BS_TICK(dt) {
  (void)dt;
  for_each(player_position, player) {
    prey = player;
    break;
  }
  if (!exists(prey)) return;
  prey_x = position_x(prey);
  prey_y = position_y(prey);
}

BS_UPDATE(hunter, dt) {
  // A hunter that was hit stands still for one tick.
  if (has_stunned(hunter)) {
    remove_stunned(hunter);
    set_velocity_x(hunter, 0);
    set_velocity_y(hunter, 0);
    return;
  }
  float dx = prey_x - position_x(hunter), dy = prey_y - position_y(hunter);
  float scale = SPEED / larger(1, square_root(dx * dx + dy * dy));
  // Turn towards the prey a little each tick, so that the swarm sweeps in curves.
  float turn = smaller(1, AGILITY * dt);
  set_velocity_x(hunter, velocity_x(hunter) + turn * (dx * scale - velocity_x(hunter)));
  set_velocity_y(hunter, velocity_y(hunter) + turn * (dy * scale - velocity_y(hunter)));
}
