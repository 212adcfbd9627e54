// C++ with owners for handles and views, the standard library's threads, and its min and max.
#define NOMINMAX
#define WIN32_LEAN_AND_MEAN
#include <Windows.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

struct HandleCloser
{
    using pointer = HANDLE;
    void operator()(HANDLE handle) const { CloseHandle(handle); }
};
using Handle = std::unique_ptr<HANDLE, HandleCloser>;

[[noreturn]] void fail(const char *what)
{
    throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(), what);
}

class View
{
  public:
    View(HANDLE mapping, std::size_t bytes) : data_(::MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, bytes))
    {
        if (!data_)
            fail("MapViewOfFile");
    }
    ~View() { ::UnmapViewOfFile(data_); }
    View(const View &) = delete;
    View &operator=(const View &) = delete;
    LONG64 *numbers() const { return static_cast<LONG64 *>(data_); }

  private:
    void *data_;
};

int main()
{
    const std::string name = "Local\\modern";
    const Handle mapping(::CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, 4096, name.c_str()));
    if (!mapping)
        fail("CreateFileMapping");
    const View view(mapping.get(), 4096);
    const Handle mutex(::CreateMutexA(nullptr, FALSE, nullptr));
    const Handle done(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    LONG64 *numbers = view.numbers();
    numbers[1] = std::numeric_limits<LONG64>::min();

    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (LONG64 n = thread; n < 100; n += 4)
            {
                ::InterlockedExchangeAdd64(&numbers[0], n);
                if (::WaitForSingleObject(mutex.get(), INFINITE) != WAIT_OBJECT_0)
                    return;
                numbers[1] = std::max<LONG64>(numbers[1], n);
                ::ReleaseMutex(mutex.get());
            }
            static LONG finished = 0;
            if (::InterlockedIncrement(&finished) == 4)
                ::SetEvent(done.get());
        });
    const HANDLE handles[] = {done.get()};
    if (::WaitForMultipleObjects(ARRAYSIZE(handles), handles, FALSE, INFINITE) != WAIT_OBJECT_0)
        fail("WaitForMultipleObjects");
    for (auto &thread : threads)
        thread.join();
    std::cout << "sum " << numbers[0] << ", most " << numbers[1] << std::endl;
    return 0;
}
