// std::wstring and what is made of it with a wchar_t of 16 bits, and std::wcout over UTF-8.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>
#include <windows.h>
#include <cstdio>

int main()
{
    std::wstring text = L"h\u00e4llo";
    text += L" w\u00f6rld";
    text.append(3, L'!');
    std::map<std::wstring, int> found;
    found[text] = static_cast<int>(text.find(L"w\u00f6r"));
    std::wprintf(L"%s %d %d\n", text.c_str(), static_cast<int>(text.size()), found[text]);
    std::wstring reversed(text.rbegin(), text.rend());
    wprintf(L"%ls %ls\n", reversed.c_str(), text.substr(6, 5).c_str());
    wprintf(L"%ls %d %d\n", std::to_wstring(42).c_str(), std::stoi(std::wstring(L"77")), text < reversed);
    std::vector<std::wstring> words(1000, text);
    std::sort(words.begin(), words.end());
    wchar_t buffer[8];
    std::printf("%d %d\n", wcscpy_s(buffer, L"fits"), swprintf_s(buffer, L"%d", 12345));
    // As sources for Windows mean it, also through std::.
    std::printf("%lu %ld\n", static_cast<DWORD>(0xFFFFFFFF), static_cast<LONG>(-1));
    std::wcout << L"wcout " << text << L' ' << 5 << std::hex << " " << 255 << std::dec << std::endl;
    std::cout << "and cout" << std::endl;
    return 0;
}
