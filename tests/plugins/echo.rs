// SPDX-License-Identifier: Apache-2.0
// A whole dialect in Rust without crates: what a client sends comes back. Of the tables only what it needs is declared,
// up to the last member that is used.
use std::ffi::c_void;
use std::os::raw::c_char;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    ptr: *const u8,
    len: usize,
}

pub enum Host {}

#[repr(C)]
pub struct HostApi {
    size: u32,
    abi_major: u16,
    abi_minor: u16,
    query: extern "C" fn(*mut Host, Str) -> *const c_void,
    log: extern "C" fn(*mut Host, u64, i32, Str),
}

#[repr(C)]
pub struct HostSession {
    size: u32,
    flags: u32,
    send: extern "C" fn(*mut Host, u64, i32, Str) -> i32,
}

#[repr(C)]
pub struct PluginApi {
    size: u32,
    flags: u32,
    create: extern "C" fn(*const HostApi, *mut Host, *mut *mut c_void) -> i32,
    configure: Option<extern "C" fn(*mut c_void, *const c_void, *mut c_void) -> i32>,
    start: Option<extern "C" fn(*mut c_void) -> i32>,
    stop: Option<extern "C" fn(*mut c_void)>,
    destroy: extern "C" fn(*mut c_void),
    query: extern "C" fn(Str) -> *const c_void,
}

#[repr(C)]
pub struct Dialect {
    size: u32,
    flags: u32,
    session_open: extern "C" fn(*mut c_void, u64, *const c_void, *mut *mut c_void) -> i32,
    session_message: extern "C" fn(*mut c_void, u64, *mut c_void, i32, Str) -> i32,
    session_writable: Option<extern "C" fn(*mut c_void, u64, *mut c_void)>,
    session_identity: Option<extern "C" fn(*mut c_void, u64, *mut c_void, *const c_void, i32)>,
    session_close: extern "C" fn(*mut c_void, u64, *mut c_void, u16, Str),
}

#[repr(C)]
pub struct Entry {
    magic: u32,
    size: u32,
    abi_major: u16,
    abi_minor_needed: u16,
    abi_minor_built: u16,
    reserved: u16,
    name: *const c_char,
    version: *const c_char,
    settings_schema: *const c_char,
    api: *const PluginApi,
}
unsafe impl Sync for Entry {}

struct Echo {
    host: *mut Host,
    session: *const HostSession,
}

const OK: i32 = 0;
const UNSUPPORTED: i32 = -4;

extern "C" fn create(api: *const HostApi, host: *mut Host, inst: *mut *mut c_void) -> i32 {
    const ID: &[u8] = b"dgm.session/1";
    let session = unsafe { ((*api).query)(host, Str { ptr: ID.as_ptr(), len: ID.len() }) } as *const HostSession;
    if session.is_null() {
        return UNSUPPORTED;
    }
    unsafe { *inst = Box::into_raw(Box::new(Echo { host, session })) as *mut c_void };
    OK
}

extern "C" fn destroy(inst: *mut c_void) {
    drop(unsafe { Box::from_raw(inst as *mut Echo) });
}

extern "C" fn session_open(_: *mut c_void, _: u64, _: *const c_void, state: *mut *mut c_void) -> i32 {
    unsafe { *state = std::ptr::null_mut() };
    OK
}

extern "C" fn session_message(inst: *mut c_void, session: u64, _: *mut c_void, opcode: i32, message: Str) -> i32 {
    let echo = unsafe { &*(inst as *const Echo) };
    unsafe { ((*echo.session).send)(echo.host, session, opcode, message) };
    OK
}

extern "C" fn session_close(_: *mut c_void, _: u64, _: *mut c_void, _: u16, _: Str) {}

static DIALECT: Dialect = Dialect {
    size: std::mem::size_of::<Dialect>() as u32,
    flags: 0,
    session_open,
    session_message,
    session_writable: None,
    session_identity: None,
    session_close,
};

extern "C" fn query(id: Str) -> *const c_void {
    let id = unsafe { std::slice::from_raw_parts(id.ptr, id.len) };
    if id == b"dgm.dialect/1" { &DIALECT as *const Dialect as *const c_void } else { std::ptr::null() }
}

static API: PluginApi = PluginApi {
    size: std::mem::size_of::<PluginApi>() as u32,
    flags: 0,
    create,
    configure: None,
    start: None,
    stop: None,
    destroy,
    query,
};

#[no_mangle]
pub static dgm_plugin_entry_v0: Entry = Entry {
    magic: 0x44474D31,
    size: std::mem::size_of::<Entry>() as u32,
    abi_major: 0,
    abi_minor_needed: 1,
    abi_minor_built: 1,
    reserved: 0,
    name: b"echo-rust\0".as_ptr() as *const c_char,
    version: b"1.0.0\0".as_ptr() as *const c_char,
    settings_schema: b"{\"type\": \"object\", \"additionalProperties\": false}\0".as_ptr() as *const c_char,
    api: &API,
};
