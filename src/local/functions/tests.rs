//! What Lua and JavaScript make of code and of a request. The expected texts were recorded from the real server, errors aside.

use super::job::{Engine, Job, Ran};
use super::worker::{STACK, run};

fn ran(engine: Engine, code: &str) -> Ran {
    let call = if engine == Engine::Lua { "return handle(INPUT)" } else { "handle(INPUT)" };
    let input = r#"{"body":"é<","headers":{"X-Foo":"1"},"method":"POST","path":"/","query":{"a":"1"}}"#.to_owned();
    let job = Job { engine, code: format!("{code}\n{call}"), input };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || run(&job)).expect("a thread");
    thread.join().expect("no panic")
}

/// Everything that is sent to the caller.
#[track_caller]
fn sent(engine: Engine, code: &str) -> String {
    let Ran { printed, result } = ran(engine, code);
    printed + &result.unwrap_or_else(|error| panic!("{code}: {error}"))
}

#[track_caller]
fn failure(engine: Engine, code: &str) -> String {
    ran(engine, code).result.expect_err("it fails")
}

#[test]
fn lua_results_are_written_as_the_real_server_writes_them() {
    for (result, text) in [
        ("1", "1"),
        ("1e15", "1000000000000000"),
        ("1e20", "1e+20"),
        ("1234567.5", "1.2345675e+06"),
        ("1/0", "+Inf"),
        ("true", "true"),
        ("nil", ""),
        ("print", ""),
        ("'a<b>\\255'", "a<b>\u{fffd}"),
        ("1, 'x'", "x"),
        ("1, nil", ""),
        ("{1, 2, 3}", r#"{"1":1,"2":2,"3":3}"#),
        ("{a = {b = {1, 'x'}}, f = print}", r#"{"a":{"b":{"1":1,"2":"x"}},"f":null}"#),
        ("{[1.5] = 1, [true] = 2, ['x<'] = 3}", "{\"1.5\":1,\"true\":2,\"x\\u003c\":3}"),
        ("{a = 1e21, b = 1e-7, c = 123456789012}", r#"{"a":1e+21,"b":1e-7,"c":123456789012}"#),
        ("{n = 1/0}", ""),
        ("req", "{\"body\":\"é\\u003c\",\"headers\":{\"X-Foo\":\"1\"},\"method\":\"POST\",\"path\":\"/\",\"query\":{\"a\":\"1\"}}"),
        ("#req.body", "3"),
        ("_VERSION", "Lua 5.1"),
        ("loadstring('return 7')()", "7"),
    ] {
        assert_eq!(sent(Engine::Lua, &format!("function handle(req) return {result} end")), text, "{result}");
    }
    let printing = "function handle() print('a', 1, nil, 1e15, 1.5) print() return {status = 200} end";
    assert_eq!(sent(Engine::Lua, printing), "a\t1\tnil\t1000000000000000\t1.5\n\n{\"status\":200}");
}

#[test]
fn javascript_results_are_written_as_the_real_server_writes_them() {
    for (result, text) in [
        ("1", "1"),
        ("1e21", "1e+21"),
        ("123456789", "123456789"),
        ("1234567.5", "1.2345675e+06"),
        ("-0", "0"),
        ("NaN", "NaN"),
        ("null", ""),
        ("undefined", ""),
        ("true", "true"),
        ("'a<é>'", "a<é>"),
        ("'\\ud800'", "\u{fffd}"),
        ("[1, 2, [3, 'x']]", r#"[1,2,[3,"x"]]"#),
        ("({b: null, a: undefined, c: [1,,2], d: 1.0, e: 1e21, f: -0})", r#"{"a":null,"b":null,"c":[1,null,2],"d":1,"e":1e+21,"f":-0}"#),
        ("({f: function() {}})", ""),
        ("({n: NaN})", ""),
        ("({d: new Date(0)})", r#"{"d":"1970-01-01T00:00:00Z"}"#),
        ("10n", "10"),
        ("({get x() { return 4 }})", r#"{"x":4}"#),
        ("Object.create({inherited: 1})", "{}"),
        ("(function() { var a = {}; a.a = a; return a })()", ""),
        ("req", "{\"body\":\"é\\u003c\",\"headers\":{\"X-Foo\":\"1\"},\"method\":\"POST\",\"path\":\"/\",\"query\":{\"a\":\"1\"}}"),
        (
            "[typeof require, typeof process, typeof setTimeout, typeof fetch, typeof atob].join()",
            "undefined,undefined,undefined,undefined,undefined",
        ),
        ("this === globalThis", "true"),
    ] {
        assert_eq!(sent(Engine::JavaScript, &format!("function handle(req) {{ return {result} }}")), text, "{result}");
    }
    let printing = "function handle() { console.log('hi', 1, {a: 1}, [1, 2], null); console.log(); return {status: 200} }";
    assert_eq!(sent(Engine::JavaScript, printing), "hi 1 [object Object] 1,2 null\n\n{\"status\":200}");
}

#[test]
fn errors_name_their_place_in_the_code() {
    for (engine, code, place) in [
        (Engine::Lua, "x = 1\n\nsyntax error here", "function.lua:3:8:"),
        (Engine::Lua, "function handle()\n  return 1", "function.lua:3:1:"),
        (Engine::Lua, "function handle()\n  error('boom')\nend", "function.lua:2: boom"),
        (Engine::Lua, "x = 1", "function.lua:2:"),
        (Engine::JavaScript, "x = 1\nvar y = ;", "function.js:2:9"),
        (Engine::JavaScript, "function handle() {\n  return nope\n}", "ReferenceError: nope is not defined at function.js:2:10"),
        (Engine::JavaScript, "function handle() { throw 'words' }", "words"),
    ] {
        let said = failure(engine, code);
        assert!(said.contains(place), "{said} for {code}");
    }
}

#[test]
fn nothing_beyond_the_language_is_within_reach() {
    for name in ["io", "require", "package", "debug", "dofile", "loadfile", "os.execute", "os.getenv", "os.remove", "os.exit"] {
        assert_eq!(sent(Engine::Lua, &format!("function handle() return type({name}) end")), "nil", "{name}");
    }
    let compiled = "function handle() return tostring(loadstring(string.dump(function() return 1 end))) end";
    assert_eq!(sent(Engine::Lua, compiled), "nil", "compiled code is not checked, so it is not loaded");
    assert!(failure(Engine::JavaScript, "import('fs'); function handle() { return import('fs').x.y }").contains("TypeError"));
}

#[test]
fn memory_and_depth_have_an_end() {
    for (engine, code, said) in [
        (Engine::Lua, "function handle() local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end end", "not enough memory"),
        (Engine::Lua, "function f() return 1 + f() end function handle() return f() end", "stack overflow"),
        (Engine::Lua, "function handle() local t = {} t.t = t return t end", "contains itself"),
        (Engine::JavaScript, "function handle() { let s = 'x'; while (true) s += s + 1; }", ""),
        (Engine::JavaScript, "function handle() { const a = []; while (true) a.push(new Array(100000).fill(1)); }", "not enough memory"),
        (Engine::JavaScript, "function f() { return 1 + f() } function handle() { return f() }", "call stack"),
        (Engine::JavaScript, "async function handle() { return 1 }", "promise"),
    ] {
        let failed = failure(engine, code);
        assert!(failed.contains(said), "{failed} for {code}");
    }
}
