use super::*;

fn entry() -> Entry {
    let event = mapview::Event::create("", mapview::Reset::Auto).unwrap();
    Entry::new(Object::Event(event), right::SYNCHRONIZE, false)
}

fn handle(value: isize) -> HANDLE {
    value as HANDLE
}

#[test]
fn handles_are_multiples_of_four_and_the_lowest_is_used_again() {
    let mut table = Table::new();
    let handles: Vec<_> = (0..3).map(|_| table.insert(entry()).unwrap() as isize).collect();
    assert_eq!(handles, [4, 8, 12]);
    table.remove(handle(8)).unwrap();
    table.remove(handle(4)).unwrap();
    assert_eq!(table.insert(entry()).unwrap() as isize, 4);
    assert_eq!(table.insert(entry()).unwrap() as isize, 8);
    assert_eq!(table.insert(entry()).unwrap() as isize, 16);
}

#[test]
fn the_low_two_bits_do_not_count_and_the_high_half_does() {
    let mut table = Table::new();
    table.insert(entry()).unwrap();
    for bits in 0..4 {
        assert!(table.get(handle(4 | bits)).is_ok());
    }
    for wrong in [0, 3, 8, -4, -8, 1 << 32 | 4, i64::MIN as isize | 4] {
        assert_eq!(table.get(handle(wrong)).unwrap_err(), Code::INVALID_HANDLE, "{wrong:#x}");
    }
    table.remove(handle(7)).unwrap();
    assert_eq!(table.remove(handle(4)).unwrap_err(), Code::INVALID_HANDLE);
}

#[test]
fn a_protected_handle_stays() {
    let mut table = Table::new();
    let kept = table.insert(entry()).unwrap();
    table.get_mut(kept).unwrap().protect = true;
    assert_eq!(table.remove(kept).unwrap_err(), Code::INVALID_HANDLE);
    table.get_mut(kept).unwrap().protect = false;
    table.remove(kept).unwrap();
}

#[test]
fn rights_are_those_of_the_kind() {
    let wanted = |desired| rights_wanted(desired, Rights::EVENT);
    assert_eq!(wanted(right::GENERIC_ALL), Ok(0x1F_0003));
    assert_eq!(wanted(right::MAXIMUM_ALLOWED), Ok(0x1F_0003));
    assert_eq!(wanted(right::GENERIC_EXECUTE | right::MODIFY_STATE), Ok(0x12_0002));
    assert_eq!(wanted(0), Ok(0));
    assert_eq!(wanted(!0), Err(Code::ACCESS_DENIED));
    assert_eq!(wanted(0x400), Err(Code::ACCESS_DENIED));
    assert_eq!(wanted(right::ACCESS_SYSTEM_SECURITY), Err(Code::PRIVILEGE_NOT_HELD));
}
