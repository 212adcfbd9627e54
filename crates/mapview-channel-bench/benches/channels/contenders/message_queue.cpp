// Boost.Interprocess message_queue, as its manual uses it. Whoever comes first makes it.

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdint>

namespace bi = boost::interprocess;

extern "C" void *mapview_bench_queue_open(const char *name, size_t messages, size_t bytes) {
    return new bi::message_queue(bi::open_or_create, name, messages, bytes);
}

extern "C" void mapview_bench_queue_remove(const char *name) { bi::message_queue::remove(name); }

extern "C" void mapview_bench_queue_send(void *queue, const void *from, size_t bytes) {
    static_cast<bi::message_queue *>(queue)->send(from, bytes, 0);
}

extern "C" void mapview_bench_queue_receive(void *queue, void *to, size_t bytes) {
    bi::message_queue::size_type length;
    unsigned priority;
    static_cast<bi::message_queue *>(queue)->receive(to, bytes, length, priority);
}

extern "C" bool mapview_bench_queue_try_send(void *queue, const void *from, size_t bytes) {
    return static_cast<bi::message_queue *>(queue)->try_send(from, bytes, 0);
}

extern "C" bool mapview_bench_queue_try_receive(void *queue, void *to, size_t bytes) {
    bi::message_queue::size_type length;
    unsigned priority;
    return static_cast<bi::message_queue *>(queue)->try_receive(to, bytes, length, priority);
}
