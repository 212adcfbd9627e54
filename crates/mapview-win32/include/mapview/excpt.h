/* Codes that exception filters return. __try and __except themselves belong to Microsoft's compiler, see docs/win32.md. */
#ifndef MAPVIEW_EXCPT_H
#define MAPVIEW_EXCPT_H

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#endif
