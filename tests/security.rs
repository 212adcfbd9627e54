//! Who may open an object, across users. Linux, and only root can start processes of other users.
#![cfg(target_os = "linux")]

mod support;
#[path = "support/users.rs"]
mod users;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;

use mapview::{Grant, Latest, Security, Shared, SharedOptions};
use support::{is_child, serve, with_suffix, Peer, World};
use users::{open_world, user_of, NOBODY};

const STRANGER: u32 = 65533;

fn user(world: &World, uid: u32, gid: u32) -> Peer {
    user_of("support::peer_process", world, uid, gid)
}

#[test]
fn only_me_keeps_other_users_out() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask(r"m = create Global\private 4096");
    me.ask(r"x = mutex Global\lock");
    assert_eq!(other.refused(r"m = open Global\private access=r"), 5);
    assert_eq!(other.refused(r"m = create Global\private 4096"), 5);
    assert_eq!(other.refused(r"x = open_mutex Global\lock"), 5);
    assert_eq!(other.refused(r"x = mutex Global\lock"), 5);
    user(&world, NOBODY, NOBODY).ask(r"m = open Global\private");
    world.peer().ask(r"m = open Global\private"); // root may open everything
}

#[test]
fn everybody_may_read_but_the_kernel_refuses_writes() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask(r"m = create Global\news 4096 grant=everybody:r");
    me.ask("v = view m rw");
    me.ask("write v 0 news");
    assert_eq!(other.refused(r"m = open Global\news access=rw"), 5);
    other.ask(r"m = open Global\news access=r");
    other.ask("v = view m r");
    assert_eq!(other.ask("read v 0 4"), "news");
    assert_eq!(other.refused("w = view m rw"), 5);
    other.ask("c = view m cow");
    other.ask("write c 0 mine");
    assert_eq!(other.dies_of("poke v 0").signal(), Some(libc::SIGSEGV));
    assert_eq!(me.ask("read v 0 4"), "news");
}

#[test]
fn a_copy_has_at_most_the_rights_that_the_creator_grants() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask(r"m = create Global\news 4096 grant=everybody:r");
    me.ask(r"r = open Global\news access=r");
    assert_eq!(me.ask("clone_with r access=rw"), "Access(WRITE | READ)");
    other.ask(r"m = open Global\news access=r");
    assert_eq!(other.refused("clone_with m access=rw"), 5);
    assert_eq!(other.ask("clone_with m access=rx"), "Access(READ | EXECUTE)");
}

#[test]
fn other_users_see_how_a_mapping_grows() {
    let Some(world) = open_world() else { return };
    let path = world.directory().join("data");
    fs::write(&path, b"12345").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    for made in ["4096 maximum=100000".to_string(), format!("5 path={}", path.display())] {
        me.ask(&format!(r"m = create Global\log {made} grant=everybody:r"));
        other.ask(r"m = open Global\log access=r");
        assert_eq!(other.refused("grow m 8192"), 5);
        assert_eq!(me.ask("grow m 8192"), "8192");
        assert_eq!(other.ask("size m"), "8192");
        me.ask("v = view m rw ; write v 8191 !");
        other.ask("v = view m");
        assert_eq!(other.ask("read v 8191 1"), "!");
        for peer in [&mut me, &mut other] {
            peer.ask("clear");
        }
    }
}

#[test]
fn everybody_may_write_what_is_granted() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask(r"m = create Global\board 4096 grant=everybody:rw");
    me.ask("v = view m rw");
    other.ask(r"m = open Global\board");
    other.ask("v = view m rw");
    other.ask("write v 0 hello");
    assert_eq!(me.ask("read v 0 5"), "hello");
    me.kill();
    assert_eq!(other.ask(r"n = open Global\board"), "existed 4096", "another user keeps it");
}

#[test]
fn a_group_is_granted_and_others_are_not() {
    let Some(world) = open_world() else { return };
    // `nogroup` on Debian, `nobody` elsewhere: whatever the machine calls group 65534.
    let groups = fs::read_to_string("/etc/group").unwrap();
    let group = groups.lines().find(|line| line.split(':').nth(2) == Some("65534"));
    let Some(group) = group.and_then(|line| line.split(':').next()) else { return };
    let mut me = user(&world, STRANGER, NOBODY);
    let (mut member, mut other) = (user(&world, 65532, NOBODY), user(&world, 65531, 65531));
    me.ask(&format!(r"m = create Global\club 4096 grant={group}:rw"));
    member.ask(r"m = open Global\club");
    assert_eq!(other.refused(r"m = open Global\club access=r"), 5);
}

#[test]
fn users_share_a_mutex_and_its_abandonment() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask(r"x = mutex Global\turn grant=everybody:rw owner");
    other.ask(r"x = open_mutex Global\turn");
    assert_eq!(other.ask("lock x within 0"), "timeout");
    me.ask("unlock x");
    other.ask("lock x");
    assert_eq!(me.ask("lock x within 0"), "timeout");
    other.kill();
    assert!(me.ask("lock x").starts_with("abandoned"));
}

#[test]
fn users_share_events_and_semaphores_and_wait_for_all_of_them() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask(r"e = event Global\mine");
    assert_eq!(other.refused(r"e = open_event Global\mine"), 5);
    let prologue = [
        r"e = event Global\go grant=everybody:rw",
        r"s = semaphore Global\slots 0 2 grant=everybody:rw",
        r"x = mutex Global\x grant=everybody:rw",
        r"y = mutex Global\y grant=everybody:rw",
        r"m = create Global\table 4096 grant=everybody:rw",
        "v = view m rw",
    ];
    let prologue = prologue.join(" ; ");
    me.ask(&prologue);
    other.ask(&prologue);
    other.start("all e s");
    other.wait_until_it_waits();
    assert_eq!(me.ask("set e ; wait e within 0"), " ; signaled", "the semaphore is missing");
    me.ask("set e ; release s 1");
    assert_eq!(other.answer().unwrap(), "0");
    // Each meets claims of the other, which only the other may call off.
    me.start("dine v 3000 x y");
    other.start("dine v 3000 y x");
    other.answer().unwrap();
    me.answer().unwrap();
    assert_eq!(me.ask("add v 0 0"), "6000");
}

#[test]
fn local_names_of_two_users_are_apart() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    me.ask("m = create mine 4096");
    assert_eq!(other.refused("m = open mine"), 2);
    assert_eq!(other.ask("m = create mine 8192"), "created 8192");
    assert!(!other.ask("list").contains("4096"));
}

#[test]
fn a_name_of_a_dead_stranger_is_free_if_all_may_write_it() {
    let Some(world) = open_world() else { return };
    let (mut me, mut other) = (user(&world, NOBODY, NOBODY), user(&world, STRANGER, STRANGER));
    let create = r"m = create Global\heir 8192 grant=everybody:rw";
    me.ask(create);
    me.kill();
    assert_eq!(other.refused(r"m = open Global\heir access=r"), 2);
    assert_eq!(other.ask(create), "created 8192");
    other.ask("close m");

    // What the stranger must not write he cannot take over; the owner's next look frees the name.
    for grant in ["", "grant=everybody:r"] {
        me = user(&world, NOBODY, NOBODY);
        let made = me.ask(&format!(r"m = create Global\heir 4096 {grant}"));
        assert_eq!(made, "created 4096", "`{grant}`");
        me.kill();
        assert_eq!(other.refused(create), 5, "`{grant}`");
        user(&world, NOBODY, NOBODY).ask("list");
        assert_eq!(other.ask(create), "created 8192", "`{grant}`");
        other.ask("close m");
    }
}

#[test]
fn a_directory_of_somebody_else_is_not_trusted() {
    let Some(world) = open_world() else { return };
    // Planted before the owner came: a directory that a stranger can rewrite at will.
    let planted = world.directory().join(format!("mapview-{NOBODY}"));
    fs::create_dir(&planted).unwrap();
    std::os::unix::fs::chown(&planted, Some(STRANGER), Some(STRANGER)).unwrap();
    fs::set_permissions(&planted, Permissions::from_mode(0o777)).unwrap();
    assert_eq!(user(&world, NOBODY, NOBODY).refused("m = create secret 4096"), 5);
    assert_eq!(fs::read_dir(&planted).unwrap().count(), 0);
}

#[test]
#[ignore = "not a test: the body of a process of another user"]
fn user_of_typed_values() {
    if !is_child() {
        return;
    }
    let news = with_suffix(r"Global\news");
    let mut kept = None;
    serve(|line| {
        match line.verb.as_str() {
            "create" => {
                let mut options = SharedOptions::new();
                options.security(Security::Everybody(Grant::Read));
                kept = Some(options.create_latest(&news, "", || 7_u64)?);
            }
            "publish" => return Ok(kept.as_ref().unwrap().publish(&8)?.to_string()),
            "open" => drop(Latest::<u64>::open(&news, "")?),
            "open_read_only" => kept = Some(Latest::open_read_only(&news, "")?),
            "create_shared" => drop(Shared::create(&news, "", || 7_u64)?),
            _ => return Ok(format!("{:?}", kept.as_ref().unwrap().read()?)),
        }
        Ok(String::new())
    });
}

#[test]
fn a_latest_value_is_read_by_users_who_may_only_read() {
    let Some(world) = open_world() else { return };
    let [mut me, mut other] =
        [NOBODY, STRANGER].map(|uid| user_of("user_of_typed_values", &world, uid, uid));
    me.ask("create");
    assert_eq!(other.refused("open"), 5);
    assert_eq!(other.refused("create_shared"), 5);
    other.ask("open_read_only");
    assert_eq!(other.ask("read"), "(7, 1)");
    assert_eq!(other.refused("publish"), 5);
    me.ask("publish");
    assert_eq!(other.ask("read"), "(8, 2)");
}
