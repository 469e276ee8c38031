package hosttest

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

// reservePort finds a free port of 127.0.0.1 and keeps it free for the handler,
// over its restarts, until release is called. A socket that is bound and does not
// listen lets only those have the port that ask for it by its number, so no other
// process gets it, and no probe leaves from the port that it is sent to.
func reservePort() (port string, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, err
	}
	if port, err = bind(fd); err != nil {
		return "", nil, errors.Join(err, syscall.Close(fd))
	}
	return port, func() { _ = syscall.Close(fd) }, nil
}

func bind(fd int) (port string, err error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return "", err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return "", err
	}
	address, err := syscall.Getsockname(fd)
	if err != nil {
		return "", err
	}
	v4, ok := address.(*syscall.SockaddrInet4)
	if !ok {
		return "", fmt.Errorf("bound to %T", address)
	}
	return strconv.Itoa(v4.Port), nil
}
