// Fireflies flutter about. One that the lantern reaches is caught, and rises from the grass again.
#![no_std]
mod game;
use game::*;

const WIDTH: f32 = 960.0;
const HEIGHT: f32 = 540.0;
const REACH: f32 = 36.0;
const FLUTTER: f32 = 24.0;

// What a reload copies to the new code. All of it begins at 0.
state! {
    struct State {
        score: i32,
        lantern_x: f32,
        lantern_y: f32,
    }
}

query! {
    fn lanterns = "Lantern Position";
}

import! {
    "emit" "caught" fn emit_caught(x: f32, y: f32, score: i32);
}

export! {
    // Called once each tick, before update.
    fn tick(_dt: f32) {
        let state = State::get();
        for lantern in lanterns() {
            state.lantern_x = position_x(lantern);
            state.lantern_y = position_y(lantern);
        }
    }

    // Called each tick, for every entity that the script is attached to.
    fn update(firefly: Entity, _dt: f32) {
        set_velocity_x(firefly, fluttered(velocity_x(firefly)));
        set_velocity_y(firefly, fluttered(velocity_y(firefly)));
        let state = State::get();
        let dx = position_x(firefly) - state.lantern_x;
        let dy = position_y(firefly) - state.lantern_y;
        if square_root(dx * dx + dy * dy) < REACH {
            state.score += 1;
            catch(firefly, state.score);
        }
    }
}

/// Returns a velocity with a bit of chance in it.
fn fluttered(velocity: f32) -> f32 {
    velocity * 0.98 + (random() as f32 - 0.5) * FLUTTER
}

fn catch(firefly: Entity, score: i32) {
    emit_caught(position_x(firefly), position_y(firefly), score);
    if score % 10 == 0 {
        Text::<100>::new().integer(score as i64).add(" fireflies are caught").log(1);
    }
    set_position_x(firefly, random() as f32 * WIDTH);
    set_position_y(firefly, HEIGHT);
    set_velocity_x(firefly, 0.0);
    set_velocity_y(firefly, -80.0);
}
