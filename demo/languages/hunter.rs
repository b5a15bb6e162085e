// hunter: the swarm that hunts the player, as scripts-wat/hunter.wat in Rust.
#![no_std]
mod game;
use game::*;

const SPEED: f32 = 60.0;
const AGILITY: f32 = 1.5;

state! {
    struct Prey {
        // The player, once there was one, and its position in this tick.
        id: u32,
        x: f32,
        y: f32,
    }
}

export! {
    fn init(_config: Json) {
        let prey = Prey::get();
        prey.x = 800.0;
        prey.y = 600.0;
    }

    fn on_hatch(x: f32, y: f32) {
        let hunter = spawn();
        add_hunter(hunter);
        add_position(hunter);
        add_velocity(hunter);
        add_health(hunter);
        add_look(hunter);
        set_position_x(hunter, x);
        set_position_y(hunter, y);
        set_velocity_x(hunter, 0.0);
        set_velocity_y(hunter, 0.0);
        set_health_points(hunter, 2);
        set_look_shape(hunter, 1);
        set_look_size(hunter, 5.0);
        set_look_hue(hunter, 330.0 + 40.0 * random() as f32);
        attach(hunter);
    }

    fn tick(_dt: f32) {
        let prey = Prey::get();
        if let Some(player) = player_position().next() {
            prey.id = player.id();
        }
        match Entity::from_id(prey.id) {
            Some(player) if exists(player) => {
                prey.x = position_x(player);
                prey.y = position_y(player);
            }
            _ => {}
        }
    }

    fn update(hunter: Entity, dt: f32) {
        // A hunter that was hit stands still for one tick.
        if has_stunned(hunter) {
            remove_stunned(hunter);
            set_velocity_x(hunter, 0.0);
            set_velocity_y(hunter, 0.0);
            return;
        }
        let prey = Prey::get();
        let dx = prey.x - position_x(hunter);
        let dy = prey.y - position_y(hunter);
        let scale = SPEED / larger(1.0, square_root(dx * dx + dy * dy));
        // Turn towards the prey a little each tick, so that the swarm sweeps in curves.
        let turn = smaller(1.0, AGILITY * dt);
        set_velocity_x(hunter, velocity_x(hunter) + turn * (dx * scale - velocity_x(hunter)));
        set_velocity_y(hunter, velocity_y(hunter) + turn * (dy * scale - velocity_y(hunter)));
    }
}
