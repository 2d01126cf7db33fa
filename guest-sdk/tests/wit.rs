//! The SDK's copy of the handler's WIT is the one that hosts are built against.

#[test]
fn the_copy_is_the_original() {
    let original = include_str!("../../wit/handler.wit");
    let copy = include_str!("../wit/deps/hostler-handler/handler.wit");
    assert!(
        original == copy,
        "copy wit/handler.wit to guest-sdk/wit/deps/hostler-handler/handler.wit"
    );
}
