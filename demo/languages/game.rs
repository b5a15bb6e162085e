// game.rs: what the game offers to scripts. Made by 'bitscript bindings <simulation> --lang rust': do not edit it, make it again.
// A file whose content was edited is not overwritten.
// bitscript bindings, content bff538e7cb9b283a
// The part of this file that is the same in every game. It is a module without a crate, for the edition 2021:
//
//   #![no_std]
//   mod game;
//   use game::*;
#![allow(dead_code, unused_imports, unused_macros, clashing_extern_declarations)]

use core::fmt::{self, Write};
use core::num::NonZeroU32;

/// An entity. It is no number, so that it cannot be mixed up with one. No entity is `None` of `Option<Entity>`.
///
/// A handler of an event should take `Option<Entity>`: an event may come with fewer numbers, and those that are missing are 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(transparent)]
pub struct Entity(NonZeroU32);

impl Entity {
    /// Returns the entity of a number; `None` for 0.
    pub const fn from_id(id: u32) -> Option<Entity> {
        match NonZeroU32::new(id) {
            Some(id) => Some(Entity(id)),
            None => None,
        }
    }

    pub const fn id(self) -> u32 {
        self.0.get()
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

// ---- What a script declares ----

/// Declares functions that the game offers: `import! { "emit" "boom" fn emit_boom(x: f32, y: f32); }`
macro_rules! import {
    ($($(#[$attribute:meta])* $module:literal $import:literal fn $name:ident($($parameter:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        $(#[$attribute])*
        #[inline(always)]
        pub fn $name($($parameter: $type),*) $(-> $result)? {
            #[link(wasm_import_module = $module)]
            extern "C" {
                #[link_name = $import]
                fn imported($($parameter: $type),*) $(-> $result)?;
            }
            unsafe { imported($($parameter),*) }
        }
    )*};
}
pub(crate) use import;

/// Declares queries: `query! { fn living = "Position !Dead"; }`, then `for entity in living() { ... }`
macro_rules! query {
    ($($(#[$attribute:meta])* fn $name:ident = $terms:literal;)*) => {$(
        $(#[$attribute])*
        #[inline(always)]
        pub fn $name() -> impl Iterator<Item = Entity> {
            import! {
                "ecs.query" $terms fn count() -> u32;
                "ecs.entity" $terms fn entity(index: u32) -> Entity;
            }
            (0..count()).map(entity)
        }
    )*};
}
pub(crate) use query;

/// Declares the state of the script: what a reload carries over to new code, and a snapshot holds. Only numbers, booleans and arrays of them,
/// which begin at 0. `state! { struct State { score: i32, aim: [f32; 2] } }`, then `let state = State::get();`, once in a function.
///
/// `state! { version 2; struct State { ... } }` has a version. A state of another version or size is dropped when code is reloaded, unless the
/// script exports `fn migrate_state(version: i32, old: *const u8, length: usize)`.
macro_rules! state {
    (version $version:literal; $($rest:tt)*) => {
        metadata!("script", concat!($version, ".0.0"), $version);
        state! { $($rest)* }
    };
    ($(#[$attribute:meta])* struct $name:ident { $($body:tt)* }) => {
        $(#[$attribute])*
        #[repr(C)]
        struct $name { $($body)* }
        static mut STATE: $name = unsafe { core::mem::transmute([0u8; core::mem::size_of::<$name>()]) };
        impl $name {
            #[inline(always)]
            fn get() -> &'static mut $name {
                unsafe { &mut *core::ptr::addr_of_mut!(STATE) }
            }
        }
        #[no_mangle]
        pub extern "C" fn state() -> *mut u8 {
            unsafe { core::ptr::addr_of_mut!(STATE).cast() }
        }
        #[no_mangle]
        pub extern "C" fn state_size() -> usize {
            core::mem::size_of::<$name>()
        }
    };
}
pub(crate) use state;

/// Says what the script is: `metadata!("gun", "1.2.0", 2);`, the last the version of its state.
macro_rules! metadata {
    ($name:expr, $version:expr, $state_version:expr) => {
        #[no_mangle]
        pub extern "C" fn get_metadata() -> u64 {
            const TEXT: &str = concat!("{\"name\":\"", $name, "\",\"version\":\"", $version, "\",\"state_version\":", $state_version, "}");
            pack(TEXT.as_ptr(), TEXT.len())
        }
    };
}
pub(crate) use metadata;

/// Exports what the game calls, all of it optional:
///
/// ```
/// export! {
///     fn init(config: Json) {}                     // once, after the first load
///     fn tick(dt: f32) {}                          // once each tick
///     fn update(entity: Entity, dt: f32) {}        // each tick, for every entity that it runs on
///     fn on_attach(entity: Entity) {}              // when it starts to run on an entity; on_detach: when it stops
///     fn on_hit(x: f32, y: f32) {}                 // for each event `hit`, in the tick after it
///     fn process(input: Json, output: &mut Text) {} // JSON in, JSON out
/// }
/// ```
macro_rules! export {
    () => {};
    ($(#[$attribute:meta])* fn $name:ident($input:ident: Json $(,)?) $body:block $($rest:tt)*) => {
        $(#[$attribute])*
        #[no_mangle]
        pub extern "C" fn $name(at: *const u8, length: usize) {
            fn run($input: Json) $body
            run(unsafe { Json::new(at, length) })
        }
        export! { $($rest)* }
    };
    ($(#[$attribute:meta])* fn $name:ident($input:ident: Json, $output:ident: &mut Text $(,)?) $body:block $($rest:tt)*) => {
        $(#[$attribute])*
        #[no_mangle]
        pub extern "C" fn $name(at: *const u8, length: usize) -> u64 {
            fn run($input: Json, $output: &mut Text) $body
            static mut OUTPUT: Text = Text::new();
            let output = unsafe { &mut *core::ptr::addr_of_mut!(OUTPUT) };
            output.clear();
            run(unsafe { Json::new(at, length) }, output);
            output.result()
        }
        export! { $($rest)* }
    };
    ($(#[$attribute:meta])* fn $name:ident($($parameter:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block $($rest:tt)*) => {
        $(#[$attribute])*
        #[no_mangle]
        pub extern "C" fn $name($($parameter: $type),*) $(-> $result)? $body
        export! { $($rest)* }
    };
}
pub(crate) use export;

/// Returns a pointer and a length as exports do.
pub fn pack(at: *const u8, length: usize) -> u64 {
    (at as u64) << 32 | length as u64
}

// ---- Mathematics that is one instruction ----

// Without `std`, only vectors have these instructions.
macro_rules! by_vector {
    ($($(#[$attribute:meta])* fn $name:ident = $instruction:ident;)*) => {$(
        $(#[$attribute])*
        #[inline(always)]
        pub fn $name(x: f32) -> f32 {
            #[inline]
            #[target_feature(enable = "simd128")]
            unsafe fn run(x: f32) -> f32 {
                use core::arch::wasm32::*;
                f32x4_extract_lane::<0>($instruction(f32x4_splat(x)))
            }
            unsafe { run(x) }
        }
    )*};
}
by_vector! {
    fn square_root = f32x4_sqrt;
    fn round_down = f32x4_floor;
    fn round_up = f32x4_ceil;
    fn absolute = f32x4_abs;
}

#[inline(always)]
pub fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
pub fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

// ---- Text ----

/// UTF-8 that is being written, in room for `SIZE` bytes. What does not fit is left out. `write!` works on it, too; it adds 10 kB and more to a module.
pub struct Text<const SIZE: usize = 4096> {
    bytes: [u8; SIZE],
    length: usize,
}

impl<const SIZE: usize> Text<SIZE> {
    pub const fn new() -> Self {
        Text { bytes: [0; SIZE], length: 0 }
    }

    pub fn clear(&mut self) -> &mut Self {
        self.length = 0;
        self
    }

    pub fn byte(&mut self, byte: u8) -> &mut Self {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
        self
    }

    pub fn add(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            self.byte(byte);
        }
        self
    }

    /// Adds a text in quotation marks, as JSON writes it.
    pub fn quoted(&mut self, text: &str) -> &mut Self {
        self.byte(b'"');
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => {
                    self.byte(b'\\').byte(byte);
                }
                0..=31 => {
                    let digit = byte & 15;
                    self.add("\\u00").byte(b'0' + (byte >> 4)).byte(digit + if digit < 10 { b'0' } else { b'a' - 10 });
                }
                _ => {
                    self.byte(byte);
                }
            }
        }
        self.byte(b'"')
    }

    pub fn integer(&mut self, value: i64) -> &mut Self {
        if value < 0 {
            self.byte(b'-');
        }
        self.digits(value.unsigned_abs())
    }

    /// Adds a number with up to 9 decimals, and no zeros at its end; `null` for one that JSON has not.
    pub fn number(&mut self, value: f64, decimals: u32) -> &mut Self {
        if !value.is_finite() {
            return self.add("null");
        }
        let mut value = value;
        if value < 0.0 {
            self.byte(b'-');
            value = -value;
        }
        let mut exponent = 0;
        while value >= 1e18 {
            value /= 10.0;
            exponent += 1;
        }
        let mut scale: u64 = 1;
        for _ in 0..decimals.min(9) {
            scale *= 10;
        }
        let mut whole = value as u64;
        let mut part = ((value - whole as f64) * scale as f64 + 0.5) as u64;
        if part >= scale {
            whole += 1;
            part = 0;
        }
        self.digits(whole);
        if part > 0 {
            self.byte(b'.');
        }
        while part > 0 {
            scale /= 10;
            self.byte(b'0' + (part / scale.max(1)) as u8);
            part %= scale.max(1);
        }
        if exponent > 0 {
            self.byte(b'e').digits(exponent);
        }
        self
    }

    fn digits(&mut self, value: u64) -> &mut Self {
        if value >= 10 {
            self.digits(value / 10);
        }
        self.byte(b'0' + (value % 10) as u8)
    }

    /// Logs the text: at 0 debug, 1 info, 2 warn, 3 error.
    pub fn log(&self, level: i32) {
        import! { "host" "log_level" fn log_level(level: i32, at: *const u8, length: usize); }
        log_level(level, self.bytes.as_ptr(), self.length)
    }

    /// Returns the text as exports return it. It must stay where it is: a local text does not.
    pub fn result(&self) -> u64 {
        pack(self.bytes.as_ptr(), self.length)
    }
}

impl<const SIZE: usize> Write for Text<SIZE> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text);
        Ok(())
    }
}

/// Logs a line of up to 500 bytes: `log!("wave {} begins", wave);` Values in it add 10 kB and more to a module; `Text` does the same for less.
macro_rules! log {
    ($line:literal) => { Text::<500>::new().add($line).log(1) };
    ($($format:tt)*) => {{
        let mut line = Text::<500>::new();
        let _ = core::fmt::Write::write_fmt(&mut line, format_args!($($format)*));
        line.log(1)
    }};
}
pub(crate) use log;

// ---- JSON that is read ----

/// A JSON text, or a part of one. It is read in place.
#[derive(Clone, Copy)]
pub struct Json<'a>(&'a [u8]);

impl<'a> Json<'a> {
    /// # Safety
    /// There must be a text of the length.
    pub unsafe fn new(at: *const u8, length: usize) -> Json<'a> {
        Json(if length == 0 { &[] } else { core::slice::from_raw_parts(at, length) })
    }

    /// Returns the value at a path of keys and indices, such as `gun.speed` or `waves.0.size`; an empty text if there is none.
    pub fn at(self, path: &str) -> Json<'a> {
        let mut value = first_value(skip(self.0, 0));
        for key in path.split('.').filter(|key| !key.is_empty()) {
            value = member(value, key.as_bytes());
        }
        Json(value)
    }

    /// Returns the number at a path; `otherwise` if there is none.
    pub fn number(self, path: &str, otherwise: f64) -> f64 {
        let mut rest = self.at(path).0;
        let negative = rest.first() == Some(&b'-');
        if negative {
            rest = skip(rest, 1);
        }
        if !rest.first().map_or(false, u8::is_ascii_digit) {
            return otherwise;
        }
        let (mut value, mut exponent, mut is_decimal) = (0.0, 0i32, false);
        let mut bytes = rest.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'0'..=b'9' => {
                    value = value * 10.0 + (byte - b'0') as f64;
                    exponent -= is_decimal as i32;
                }
                b'.' => is_decimal = true,
                b'e' | b'E' => {
                    let (mut given, mut down) = (0i32, false);
                    for byte in bytes.by_ref() {
                        match byte {
                            b'-' => down = true,
                            b'0'..=b'9' if given < 1000 => given = given * 10 + (byte - b'0') as i32,
                            _ => {}
                        }
                    }
                    exponent += if down { -given } else { given };
                }
                _ => {}
            }
        }
        let mut power = 1.0;
        for _ in 0..exponent.unsigned_abs() {
            power *= 10.0;
        }
        value = if exponent < 0 { value / power } else { value * power };
        if negative { -value } else { value }
    }

    /// Returns the number at a path without its decimals; `otherwise` if there is none.
    pub fn integer(self, path: &str, otherwise: i32) -> i32 {
        self.number(path, otherwise as f64) as i32
    }

    /// Returns the boolean at a path; `otherwise` if there is none.
    pub fn flag(self, path: &str, otherwise: bool) -> bool {
        match self.at(path).0 {
            b"true" => true,
            b"false" => false,
            _ => otherwise,
        }
    }

    /// Returns the text at a path without its quotation marks, its escapes as they are; an empty text if there is none.
    pub fn text(self, path: &str) -> &'a str {
        match self.at(path).0 {
            // The host passes UTF-8, and this is cut at quotation marks.
            [b'"', text @ .., b'"'] => unsafe { core::str::from_utf8_unchecked(text) },
            _ => "",
        }
    }
}

fn skip(from: &[u8], count: usize) -> &[u8] {
    let mut rest = from.get(count..).unwrap_or(&[]);
    while let [b' ' | b'\n' | b'\r' | b'\t', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// Returns the value with which a text begins.
fn first_value(from: &[u8]) -> &[u8] {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (index, byte) in from.iter().enumerate() {
        let end = from.get(..index + 1).unwrap_or(from);
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            if !quoted && depth == 0 {
                return end;
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' if depth == 1 => return end,
            b'}' | b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return from.get(..index).unwrap_or(from),
            _ => {}
        }
    }
    from
}

fn member<'a>(value: &'a [u8], key: &[u8]) -> &'a [u8] {
    let is_list = value.first() == Some(&b'[');
    if !is_list && value.first() != Some(&b'{') {
        return &[];
    }
    let wanted = key.iter().fold(0usize, |sum, digit| sum.wrapping_mul(10).wrapping_add(*digit as usize).wrapping_sub(48));
    let mut rest = skip(value, 1);
    let mut index = 0;
    while !rest.is_empty() && rest.first() != Some(&b'}') && rest.first() != Some(&b']') {
        let mut found = first_value(rest);
        let mut matches = is_list && index == wanted;
        rest = skip(rest, found.len());
        if !is_list {
            matches = matches!(found, [b'"', name @ .., b'"'] if name == key);
            rest = skip(rest, 1); // the colon
            found = first_value(rest);
            rest = skip(rest, found.len());
        }
        if matches {
            return found;
        }
        if rest.first() != Some(&b',') {
            break;
        }
        rest = skip(rest, 1);
        index += 1;
    }
    &[]
}

// ---- Storage: bytes that the game keeps for the script, by key ----

/// Copies what is kept under a key to where it fits. Returns its length; `None` if there is nothing.
pub fn storage_get(key: &str, to: &mut [u8]) -> Option<usize> {
    import! { "storage" "get" fn get(key: *const u8, length: usize, to: *mut u8, capacity: usize) -> i32; }
    usize::try_from(get(key.as_ptr(), key.len(), to.as_mut_ptr(), to.len())).ok()
}

/// Keeps bytes under a key. Returns whether there was room.
pub fn storage_set(key: &str, value: &[u8]) -> bool {
    import! { "storage" "set" fn set(key: *const u8, length: usize, from: *const u8, size: usize) -> i32; }
    set(key.as_ptr(), key.len(), value.as_ptr(), value.len()) == 0
}

/// Removes what is kept under a key. Returns whether there was anything.
pub fn storage_delete(key: &str) -> bool {
    import! { "storage" "delete" fn delete(key: *const u8, length: usize) -> i32; }
    delete(key.as_ptr(), key.len()) == 1
}

// ---- Requests by HTTP ----

/// Asks a server: JSON `{ url, method?, headers?, body? }`. Returns the number that `on_response(id, status, at, length)` gets, 0 if too many wait.
pub fn http_request(request: &str) -> i32 {
    import! { "http" "request" fn ask(at: *const u8, length: usize) -> i32; }
    ask(request.as_ptr(), request.len())
}

// ---- Entities ----

import! {
    /// spawn: a new entity, at once; first updated in the next tick (fuel 30)
    "ecs" "spawn" fn spawn() -> Entity;
    /// despawn: remove the entity, when the script's run ends (fuel 30)
    "ecs" "despawn" fn despawn(entity: Entity);
    /// exists: 1 if the entity is alive, else 0 (fuel 12)
    "ecs" "exists" fn exists(entity: Entity) -> bool;
    /// random: seeded, in [0, 1): the number of the entity in this tick, the same at each call (fuel 30)
    "ecs" "random" fn entity_random(entity: Entity) -> f64;
    /// attach: run this script on the entity, from the next tick (fuel 30)
    "ecs" "attach" fn attach(entity: Entity);
    /// detach: stop running this script on the entity, when the script's run ends (fuel 30)
    "ecs" "detach" fn detach(entity: Entity);
}

// ---- The component Position ----

import! {
    /// Position: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Position" fn has_position(entity: Entity) -> bool;
    /// Position: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Position" fn add_position(entity: Entity);
    /// Position: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Position" fn remove_position(entity: Entity);
    /// Position.x: read a field of an entity (fuel 0)
    "ecs.get" "Position.x" fn position_x(entity: Entity) -> f32;
    /// Position.x: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Position.x" fn set_position_x(entity: Entity, value: f32);
    /// Position.y: read a field of an entity (fuel 0)
    "ecs.get" "Position.y" fn position_y(entity: Entity) -> f32;
    /// Position.y: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Position.y" fn set_position_y(entity: Entity, value: f32);
}

// ---- The component Velocity ----

import! {
    /// Velocity: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Velocity" fn has_velocity(entity: Entity) -> bool;
    /// Velocity: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Velocity" fn add_velocity(entity: Entity);
    /// Velocity: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Velocity" fn remove_velocity(entity: Entity);
    /// Velocity.x: read a field of an entity (fuel 0)
    "ecs.get" "Velocity.x" fn velocity_x(entity: Entity) -> f32;
    /// Velocity.x: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Velocity.x" fn set_velocity_x(entity: Entity, value: f32);
    /// Velocity.y: read a field of an entity (fuel 0)
    "ecs.get" "Velocity.y" fn velocity_y(entity: Entity) -> f32;
    /// Velocity.y: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Velocity.y" fn set_velocity_y(entity: Entity, value: f32);
}

// ---- The component Health ----

import! {
    /// Health: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Health" fn has_health(entity: Entity) -> bool;
    /// Health: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Health" fn add_health(entity: Entity);
    /// Health: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Health" fn remove_health(entity: Entity);
    /// Health.points: read a field of an entity (fuel 0)
    "ecs.get" "Health.points" fn health_points(entity: Entity) -> i16;
    /// Health.points: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Health.points" fn set_health_points(entity: Entity, value: i16);
}

// ---- The component Life ----

import! {
    /// Life: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Life" fn has_life(entity: Entity) -> bool;
    /// Life: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Life" fn add_life(entity: Entity);
    /// Life: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Life" fn remove_life(entity: Entity);
    /// Life.left: read a field of an entity (fuel 0)
    "ecs.get" "Life.left" fn life_left(entity: Entity) -> f32;
    /// Life.left: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Life.left" fn set_life_left(entity: Entity, value: f32);
}

// ---- The component Input ----

import! {
    /// Input: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Input" fn has_input(entity: Entity) -> bool;
    /// Input: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Input" fn add_input(entity: Entity);
    /// Input: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Input" fn remove_input(entity: Entity);
    /// Input.x: read a field of an entity (fuel 0)
    "ecs.get" "Input.x" fn input_x(entity: Entity) -> i8;
    /// Input.x: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Input.x" fn set_input_x(entity: Entity, value: i8);
    /// Input.y: read a field of an entity (fuel 0)
    "ecs.get" "Input.y" fn input_y(entity: Entity) -> i8;
    /// Input.y: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Input.y" fn set_input_y(entity: Entity, value: i8);
    /// Input.fire: read a field of an entity (fuel 0)
    "ecs.get" "Input.fire" fn input_fire(entity: Entity) -> u8;
    /// Input.fire: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Input.fire" fn set_input_fire(entity: Entity, value: u8);
    /// Input.dash: read a field of an entity (fuel 0)
    "ecs.get" "Input.dash" fn input_dash(entity: Entity) -> u8;
    /// Input.dash: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Input.dash" fn set_input_dash(entity: Entity, value: u8);
    /// Input.aimX: read a field of an entity (fuel 0)
    "ecs.get" "Input.aimX" fn input_aim_x(entity: Entity) -> i8;
    /// Input.aimX: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Input.aimX" fn set_input_aim_x(entity: Entity, value: i8);
    /// Input.aimY: read a field of an entity (fuel 0)
    "ecs.get" "Input.aimY" fn input_aim_y(entity: Entity) -> i8;
    /// Input.aimY: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Input.aimY" fn set_input_aim_y(entity: Entity, value: i8);
}

// ---- The component Look ----

import! {
    /// Look: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Look" fn has_look(entity: Entity) -> bool;
    /// Look: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Look" fn add_look(entity: Entity);
    /// Look: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Look" fn remove_look(entity: Entity);
    /// Look.shape: read a field of an entity (fuel 0)
    "ecs.get" "Look.shape" fn look_shape(entity: Entity) -> u8;
    /// Look.shape: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Look.shape" fn set_look_shape(entity: Entity, value: u8);
    /// Look.size: read a field of an entity (fuel 0)
    "ecs.get" "Look.size" fn look_size(entity: Entity) -> f32;
    /// Look.size: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Look.size" fn set_look_size(entity: Entity, value: f32);
    /// Look.hue: read a field of an entity (fuel 0)
    "ecs.get" "Look.hue" fn look_hue(entity: Entity) -> f32;
    /// Look.hue: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Look.hue" fn set_look_hue(entity: Entity, value: f32);
}

// ---- The component Player ----

import! {
    /// Player: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Player" fn has_player(entity: Entity) -> bool;
    /// Player: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Player" fn add_player(entity: Entity);
    /// Player: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Player" fn remove_player(entity: Entity);
}

// ---- The component Hunter ----

import! {
    /// Hunter: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Hunter" fn has_hunter(entity: Entity) -> bool;
    /// Hunter: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Hunter" fn add_hunter(entity: Entity);
    /// Hunter: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Hunter" fn remove_hunter(entity: Entity);
}

// ---- The component Bullet ----

import! {
    /// Bullet: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Bullet" fn has_bullet(entity: Entity) -> bool;
    /// Bullet: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Bullet" fn add_bullet(entity: Entity);
    /// Bullet: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Bullet" fn remove_bullet(entity: Entity);
}

// ---- The component Stunned ----

import! {
    /// Stunned: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Stunned" fn has_stunned(entity: Entity) -> bool;
    /// Stunned: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Stunned" fn add_stunned(entity: Entity);
    /// Stunned: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Stunned" fn remove_stunned(entity: Entity);
}

// ---- The component Shielded ----

import! {
    /// Shielded: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Shielded" fn has_shielded(entity: Entity) -> bool;
    /// Shielded: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Shielded" fn add_shielded(entity: Entity);
    /// Shielded: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Shielded" fn remove_shielded(entity: Entity);
}

// ---- The component Dead ----

import! {
    /// Dead: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Dead" fn has_dead(entity: Entity) -> bool;
    /// Dead: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Dead" fn add_dead(entity: Entity);
    /// Dead: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Dead" fn remove_dead(entity: Entity);
}

// ---- The component Lives ----

import! {
    /// Lives: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Lives" fn has_lives(entity: Entity) -> bool;
    /// Lives: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Lives" fn add_lives(entity: Entity);
    /// Lives: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Lives" fn remove_lives(entity: Entity);
    /// Lives.left: read a field of an entity (fuel 0)
    "ecs.get" "Lives.left" fn lives_left(entity: Entity) -> u8;
    /// Lives.left: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Lives.left" fn set_lives_left(entity: Entity, value: u8);
}

// ---- The component Dash ----

import! {
    /// Dash: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Dash" fn has_dash(entity: Entity) -> bool;
    /// Dash: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Dash" fn add_dash(entity: Entity);
    /// Dash: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Dash" fn remove_dash(entity: Entity);
    /// Dash.left: read a field of an entity (fuel 0)
    "ecs.get" "Dash.left" fn dash_left(entity: Entity) -> f32;
    /// Dash.left: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Dash.left" fn set_dash_left(entity: Entity, value: f32);
    /// Dash.rest: read a field of an entity (fuel 0)
    "ecs.get" "Dash.rest" fn dash_rest(entity: Entity) -> f32;
    /// Dash.rest: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Dash.rest" fn set_dash_rest(entity: Entity, value: f32);
}

// ---- The component Power ----

import! {
    /// Power: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Power" fn has_power(entity: Entity) -> bool;
    /// Power: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Power" fn add_power(entity: Entity);
    /// Power: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Power" fn remove_power(entity: Entity);
    /// Power.left: read a field of an entity (fuel 0)
    "ecs.get" "Power.left" fn power_left(entity: Entity) -> f32;
    /// Power.left: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Power.left" fn set_power_left(entity: Entity, value: f32);
}

// ---- The component Timer ----

import! {
    /// Timer: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Timer" fn has_timer(entity: Entity) -> bool;
    /// Timer: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Timer" fn add_timer(entity: Entity);
    /// Timer: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Timer" fn remove_timer(entity: Entity);
    /// Timer.left: read a field of an entity (fuel 0)
    "ecs.get" "Timer.left" fn timer_left(entity: Entity) -> f32;
    /// Timer.left: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Timer.left" fn set_timer_left(entity: Entity, value: f32);
}

// ---- The component Pickup ----

import! {
    /// Pickup: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Pickup" fn has_pickup(entity: Entity) -> bool;
    /// Pickup: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Pickup" fn add_pickup(entity: Entity);
    /// Pickup: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Pickup" fn remove_pickup(entity: Entity);
}

// ---- The component Autopilot ----

import! {
    /// Autopilot: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Autopilot" fn has_autopilot(entity: Entity) -> bool;
    /// Autopilot: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Autopilot" fn add_autopilot(entity: Entity);
    /// Autopilot: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Autopilot" fn remove_autopilot(entity: Entity);
}

// ---- The component Score ----

import! {
    /// Score: 1 if the entity has the component, else 0 (fuel 20)
    "ecs.has" "Score" fn has_score(entity: Entity) -> bool;
    /// Score: add the component, at once; its fields begin at 0 (fuel 30)
    "ecs.add" "Score" fn add_score(entity: Entity);
    /// Score: remove the component, when the script's run ends (fuel 30)
    "ecs.remove" "Score" fn remove_score(entity: Entity);
    /// Score.points: read a field of an entity (fuel 14)
    "ecs.get" "Score.points" fn score_points(entity: Entity) -> f64;
    /// Score.points: write a field of an entity; integers wrap (fuel 14)
    "ecs.set" "Score.points" fn set_score_points(entity: Entity, value: f64);
}

// ---- Relations ----

import! {
    /// Follows: the first target of the relation, 0 if there is none (fuel 20)
    "ecs.target" "Follows" fn follows_target(entity: Entity) -> Option<Entity>;
    /// Follows: add the relation to a target, at once; its data begin at 0 (fuel 30)
    "ecs.relate" "Follows" fn relate_follows(entity: Entity, target: Entity);
    /// Follows: remove the relation to a target, when the script's run ends (fuel 30)
    "ecs.unrelate" "Follows" fn unrelate_follows(entity: Entity, target: Entity);
}

// ---- Other scripts ----

import! {
    /// boss: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "boss" fn attach_boss(entity: Entity);
    /// boss: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "boss" fn detach_boss(entity: Entity);
    /// charger: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "charger" fn attach_charger(entity: Entity);
    /// charger: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "charger" fn detach_charger(entity: Entity);
    /// collide: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "collide" fn attach_collide(entity: Entity);
    /// collide: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "collide" fn detach_collide(entity: Entity);
    /// dash: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "dash" fn attach_dash(entity: Entity);
    /// dash: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "dash" fn detach_dash(entity: Entity);
    /// gun: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "gun" fn attach_gun(entity: Entity);
    /// gun: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "gun" fn detach_gun(entity: Entity);
    /// hunter: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "hunter" fn attach_hunter(entity: Entity);
    /// hunter: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "hunter" fn detach_hunter(entity: Entity);
    /// mover: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "mover" fn attach_mover(entity: Entity);
    /// mover: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "mover" fn detach_mover(entity: Entity);
    /// pickup: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "pickup" fn attach_pickup(entity: Entity);
    /// pickup: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "pickup" fn detach_pickup(entity: Entity);
    /// player: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "player" fn attach_player(entity: Entity);
    /// player: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "player" fn detach_player(entity: Entity);
    /// reaper: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "reaper" fn attach_reaper(entity: Entity);
    /// reaper: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "reaper" fn detach_reaper(entity: Entity);
    /// score: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "score" fn attach_score(entity: Entity);
    /// score: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "score" fn detach_score(entity: Entity);
    /// shield: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "shield" fn attach_shield(entity: Entity);
    /// shield: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "shield" fn detach_shield(entity: Entity);
    /// shot: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "shot" fn attach_shot(entity: Entity);
    /// shot: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "shot" fn detach_shot(entity: Entity);
    /// spark: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "spark" fn attach_spark(entity: Entity);
    /// spark: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "spark" fn detach_spark(entity: Entity);
    /// spitter: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "spitter" fn attach_spitter(entity: Entity);
    /// spitter: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "spitter" fn detach_spitter(entity: Entity);
    /// spread: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "spread" fn attach_spread(entity: Entity);
    /// spread: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "spread" fn detach_spread(entity: Entity);
    /// stars: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "stars" fn attach_stars(entity: Entity);
    /// stars: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "stars" fn detach_stars(entity: Entity);
    /// waves: run another script on the entity, from the next tick (fuel 30)
    "ecs.attach" "waves" fn attach_waves(entity: Entity);
    /// waves: stop running another script on the entity, when this script's run ends (fuel 30)
    "ecs.detach" "waves" fn detach_waves(entity: Entity);
}

// ---- Events ----

import! {
    /// blast: queue an event, with any numbers (fuel 200)
    "emit" "blast" fn emit_blast(value1: f32, value2: f32);
    /// boss: queue an event, with any numbers (fuel 240)
    "emit" "boss" fn emit_boss(value1: f32, value2: f32, value3: i32);
    /// charger: queue an event, with any numbers (fuel 200)
    "emit" "charger" fn emit_charger(value1: f32, value2: f32);
    /// hatch: queue an event, with any numbers (fuel 200)
    "emit" "hatch" fn emit_hatch(value1: f32, value2: f32);
    /// hurt: queue an event, with any numbers (fuel 160)
    "emit" "hurt" fn emit_hurt(value1: i32);
    /// killed: queue an event, with any numbers (fuel 240)
    "emit" "killed" fn emit_killed(value1: f32, value2: f32, value3: i32);
    /// over: queue an event, with any numbers (fuel 160)
    "emit" "over" fn emit_over(value1: i32);
    /// shoot: queue an event, with any numbers (fuel 240)
    "emit" "shoot" fn emit_shoot(value1: f32, value2: f32, value3: f64);
    /// spit: queue an event, with any numbers (fuel 240)
    "emit" "spit" fn emit_spit(value1: f32, value2: f32, value3: f64);
    /// spitter: queue an event, with any numbers (fuel 200)
    "emit" "spitter" fn emit_spitter(value1: f32, value2: f32);
    /// wave: queue an event, with any numbers (fuel 160)
    "emit" "wave" fn emit_wave(value1: i32);
}

// ---- Functions of the game ----

import! {
    /// audio.play: a function of the game (fuel 50)
    "audio" "play" fn audio_play(value1: i32);
}

// ---- Time, chance, memory, the log ----

import! {
    /// time: seconds simulated so far (fuel 12)
    "host" "time" fn time() -> f64;
    /// tick: ticks completed so far (fuel 12)
    "host" "tick" fn ticks() -> u32;
    /// random: seeded, in [0, 1) (fuel 30)
    "host" "random" fn random() -> f64;
    /// state_version: in `set_state`: the state_version of the code that saved it, 0 if it gave none (fuel 12)
    "host" "state_version" fn state_version() -> i32;
    /// memory_used: bytes of the memory of the instance (fuel 12)
    "host" "memory_used" fn memory_used() -> i32;
    /// memory_limit: bytes that it may have: `limits.memoryPages`, or less where other instances have what `totalMemoryPages` allows (fuel 12)
    "host" "memory_limit" fn memory_limit() -> i32;
    /// memory_pressure: 0 below half of that limit, 1 from there on, 2 from 3/4, 3 from 7/8, 4 from 15/16 (fuel 12)
    "host" "memory_pressure" fn memory_pressure() -> i32;
}

// ---- Mathematics, with the same bits on every engine ----

import! {
    /// sin: sin(x), the same bits on every engine (fuel 240)
    "math" "sin" fn math_sin(x: f64) -> f64;
    /// cos: cos(x), the same bits on every engine (fuel 240)
    "math" "cos" fn math_cos(x: f64) -> f64;
    /// tan: tan(x), the same bits on every engine (fuel 240)
    "math" "tan" fn math_tan(x: f64) -> f64;
    /// asin: asin(x), the same bits on every engine (fuel 20)
    "math" "asin" fn math_asin(x: f64) -> f64;
    /// acos: acos(x), the same bits on every engine (fuel 20)
    "math" "acos" fn math_acos(x: f64) -> f64;
    /// atan: atan(x), the same bits on every engine (fuel 20)
    "math" "atan" fn math_atan(x: f64) -> f64;
    /// exp: exp(x), the same bits on every engine (fuel 45)
    "math" "exp" fn math_exp(x: f64) -> f64;
    /// log: log(x), the same bits on every engine (fuel 45)
    "math" "log" fn math_log(x: f64) -> f64;
    /// atan2: atan2(a, b), the same bits on every engine (fuel 22)
    "math" "atan2" fn math_atan2(a: f64, b: f64) -> f64;
    /// pow: pow(a, b), the same bits on every engine (fuel 160)
    "math" "pow" fn math_pow(a: f64, b: f64) -> f64;
    /// hypot: hypot(a, b), the same bits on every engine (fuel 72)
    "math" "hypot" fn math_hypot(a: f64, b: f64) -> f64;
}

// ---- Storage ----

import! {
    /// used: bytes of all keys and values (fuel 12)
    "storage" "used" fn storage_used() -> i32;
}

// ---- Queries of loaded scripts ----

query! {
    fn bullet_position = "Bullet Position";
    fn dead_position = "Dead Position";
    fn hunter_position_not_dead = "Hunter Position !Dead";
    fn hunter_velocity_not_dead = "Hunter Velocity !Dead";
    fn player_position = "Player Position";
    fn player_score = "Player Score";
    fn position_velocity_not_dead = "Position Velocity !Dead";
    fn bullet_not_dead = "Bullet !Dead";
    fn hunter_not_dead = "Hunter !Dead";
}
// what scripts name: {"scripts":["boss","charger","collide","dash","gun","hunter","mover","pickup","player","reaper","score","shield","shot","spark","spitter","spread","stars","waves"],"events":[["boss",[["f32","f32","i32"]]],["charger",[["f32","f32"]]],["hatch",[["f32","f32"]]],["hurt",[["i32"]]],["killed",[["f32","f32"],["f32","f32","i32"]]],["shoot",[["f32","f32","f64"]]],["spit",[["f32","f32","f64"]]],["spitter",[["f32","f32"]]],["wave",[["i32"]]]],"imports":[{"module":"audio","name":"play","params":["i32"],"results":[]},{"module":"ecs.entity","name":"Bullet Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Dead Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Hunter Position !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Hunter Velocity !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Player Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Player Score","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Position Velocity !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.query","name":"Bullet !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Bullet Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Dead Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter Position !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter Velocity !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Player Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Player Score","params":[],"results":["i32"]},{"module":"ecs.query","name":"Position Velocity !Dead","params":[],"results":["i32"]},{"module":"emit","name":"blast","params":["f32","f32"],"results":[]},{"module":"emit","name":"boss","params":["f32","f32","i32"],"results":[]},{"module":"emit","name":"charger","params":["f32","f32"],"results":[]},{"module":"emit","name":"hatch","params":["f32","f32"],"results":[]},{"module":"emit","name":"hurt","params":["i32"],"results":[]},{"module":"emit","name":"killed","params":["f32","f32","i32"],"results":[]},{"module":"emit","name":"over","params":["i32"],"results":[]},{"module":"emit","name":"shoot","params":["f32","f32","f64"],"results":[]},{"module":"emit","name":"spit","params":["f32","f32","f64"],"results":[]},{"module":"emit","name":"spitter","params":["f32","f32"],"results":[]},{"module":"emit","name":"wave","params":["i32"],"results":[]}]}
