// Boost.Interprocess as a rival. The loops are here, so that both sides count calls without a foreign function each.
#include <cstdint>
#include <new>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/shared_memory_object.hpp>
#include <boost/interprocess/sync/interprocess_condition.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/interprocess_semaphore.hpp>
#include <boost/interprocess/sync/named_recursive_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>

namespace bi = boost::interprocess;

extern "C" void mapview_bench_boost_open(const char *name, uint64_t count) {
    while (count--) {
        bi::shared_memory_object object(bi::open_only, name, bi::read_write);
        bi::mapped_region region(object, bi::read_write);
        *static_cast<volatile char *>(region.get_address()) = 1;
    }
}

extern "C" void mapview_bench_boost_create(const char *name, uint64_t count) {
    while (count--) {
        {
            bi::shared_memory_object object(bi::create_only, name, bi::read_write);
            object.truncate(4096);
            bi::mapped_region region(object, bi::read_write);
            *static_cast<volatile char *>(region.get_address()) = 1;
        }
        bi::shared_memory_object::remove(name);
    }
}

extern "C" void mapview_bench_boost_lock(const char *name, uint64_t count) {
    bi::named_recursive_mutex mutex(bi::open_or_create, name);
    while (count--) {
        mutex.lock();
        mutex.unlock();
    }
}

extern "C" void mapview_bench_boost_remove_mutex(const char *name) {
    bi::named_recursive_mutex::remove(name);
}

// A signal that is taken by who waits for it, and one that stays, made of a condition as Boost's manual does it.
struct Flag {
    bi::interprocess_mutex mutex;
    bi::interprocess_condition condition;
    bool set = false;
    unsigned waiting = 0;
};
static_assert(sizeof(Flag) <= 256 && sizeof(bi::interprocess_semaphore) <= 256, "the room that Rust gives");

extern "C" void mapview_bench_boost_make_semaphore(void *at) { new (at) bi::interprocess_semaphore(0); }
extern "C" void mapview_bench_boost_post(void *at) { static_cast<bi::interprocess_semaphore *>(at)->post(); }
extern "C" void mapview_bench_boost_wait(void *at) { static_cast<bi::interprocess_semaphore *>(at)->wait(); }

extern "C" void mapview_bench_boost_post_and_wait(void *at, uint64_t count) {
    auto semaphore = static_cast<bi::interprocess_semaphore *>(at);
    while (count--) {
        semaphore->post();
        semaphore->wait();
    }
}

extern "C" void mapview_bench_boost_make_flag(void *at) { new (at) Flag; }

extern "C" void mapview_bench_boost_set(void *at, bool all) {
    auto flag = static_cast<Flag *>(at);
    {
        bi::scoped_lock<bi::interprocess_mutex> lock(flag->mutex);
        flag->set = true;
    }
    all ? flag->condition.notify_all() : flag->condition.notify_one();
}

extern "C" void mapview_bench_boost_await(void *at, bool take) {
    auto flag = static_cast<Flag *>(at);
    bi::scoped_lock<bi::interprocess_mutex> lock(flag->mutex);
    flag->waiting++;
    while (!flag->set) flag->condition.wait(lock);
    flag->waiting--;
    if (take) flag->set = false;
}

// Resets a flag, and says how many wait for it: who is counted sleeps, or the mutex would not be free.
extern "C" unsigned mapview_bench_boost_reset(void *at) {
    auto flag = static_cast<Flag *>(at);
    bi::scoped_lock<bi::interprocess_mutex> lock(flag->mutex);
    flag->set = false;
    return flag->waiting;
}
