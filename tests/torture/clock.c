/* Shifts the clock of the program into which it is preloaded, by as many seconds as a shared file says at that moment.
 *
 * What tells the time of day is shifted for all callers in the program, the interpreter and its libraries: that is what a
 * wrong or corrected system clock does. What only counts seconds (CLOCK_MONOTONIC and its kind) goes on as it was, as it
 * does then. The first eight bytes of the file that BOXOFFICE_TORTURE_CLOCK names are the shift.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;
static int (*clock_of_the_system)(clockid_t, struct timespec *);

__attribute__((constructor)) static void open_shift(void)
{
    clock_of_the_system = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("BOXOFFICE_TORTURE_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED)
        shift = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *moment)
{
    if (!clock_of_the_system)
        open_shift(); /* another library's constructor came before ours */
    int failed = clock_of_the_system(clock, moment);
    if (!failed && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        moment->tv_sec += *shift;
    return failed;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone)
{
    struct timespec precise;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &precise))
        return -1;
    moment->tv_sec = precise.tv_sec;
    moment->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *moment)
{
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise))
        return (time_t)-1;
    if (moment)
        *moment = precise.tv_sec;
    return precise.tv_sec;
}
