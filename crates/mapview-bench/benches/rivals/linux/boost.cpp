// Boost.Interprocess as a rival. The loops are here, so that both sides count calls without a foreign function each.
#include <cstdint>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/shared_memory_object.hpp>
#include <boost/interprocess/sync/named_recursive_mutex.hpp>

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
