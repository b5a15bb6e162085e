// The lantern flies to where the player points: the farther away that is, the faster.
#include "game.h"

static const float HASTE = 4;

BS_UPDATE(lantern, dt) {
  set_velocity_x(lantern, (pointer_x(lantern) - position_x(lantern)) * HASTE);
  set_velocity_y(lantern, (pointer_y(lantern) - position_y(lantern)) * HASTE);
}
