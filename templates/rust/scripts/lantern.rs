// The lantern flies to where the player points: the farther away that is, the faster.
#![no_std]
mod game;
use game::*;

const HASTE: f32 = 4.0;

export! {
    fn update(lantern: Entity, _dt: f32) {
        set_velocity_x(lantern, (pointer_x(lantern) - position_x(lantern)) * HASTE);
        set_velocity_y(lantern, (pointer_y(lantern) - position_y(lantern)) * HASTE);
    }
}
