package keyring

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"testing"
)

// From RFC 3394, section 4, and from the Cryptographic Algorithm Validation
// Program of NIST (KW-AE and KW-AD, AES-256, 256 bits; no data where it must fail).
var keywrapVectors = []struct{ name, kek, data, wrapped string }{
	{"RFC 3394 4.1", "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
	{"RFC 3394 4.2", "000102030405060708090A0B0C0D0E0F1011121314151617", "00112233445566778899AABBCCDDEEFF", "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"},
	{"RFC 3394 4.3", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
	{"RFC 3394 4.4", "000102030405060708090A0B0C0D0E0F1011121314151617", "00112233445566778899AABBCCDDEEFF0001020304050607", "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"},
	{"RFC 3394 4.5", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF0001020304050607", "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"},
	{"RFC 3394 4.6", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F", "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	{"NIST KW-AE 0", "8b54e6bc3d20e823d96343dc776c0db10c51708ceecc9a38a14beb4ca5b8b221", "d6192635c620dee3054e0963396b260af5c6f02695a5205f159541b4bc584bac", "b13eeb7619fab818f1519266516ceb82abc0e699a7153cf26edcb8aeb879f4c011da906841fc5956"},
	{"NIST KW-AE 1", "5b2bbfb7707eee9264cbca8ddda9e337aa85546148f682139f568c4e6a8bff4a", "92772f5e21f29cbefcc86ba6c3099f26c11da9b8d2ee11bd23c30155a8fc3ba8", "7839f033f16a99fe720e3445560b0acb2580b1322ee273f0392ba3285d8da84fda0068cf6f9ad065"},
	{"NIST KW-AD 0", "049c7bcba03e04395c2a22e6a9215cdae0f762b077b1244b443147f5695799fa", "e617831c7db8038fda4c59403775c3d435136a566f3509c273e1da1ef9f50aea", "776b1e91e935d1f80a537902186d6b00dfc6afc12000f1bde913df5d67407061db8227fcd08953d4"},
	{"NIST KW-AD 3", "605b22935f1eee56ba884bc7a869febc159ac306b66fb9767a7cc6ab7068dffa", "", "6607f5a64c8f9fd96dc6f9f735b06a193762cdbacfc367e410926c1bfe6dd715490adbad5b9697a6"},
	{"NIST KW-AD 7", "f58b479c7fd26706b82cdc24b170ceea502a45311ecd2453f2142993ad838480", "", "9c104f79e648e8f794da8a5474cdf22d08b3f4e80483f5f6ea7bff7ade8343cb5c70572a7bc7e8fa"},
}

func TestKeyWrapMatchesTheVectors(t *testing.T) {
	for _, v := range keywrapVectors {
		t.Run(v.name, func(t *testing.T) {
			kek, err := aes.NewCipher(unhex(t, v.kek))
			if err != nil {
				t.Fatal(err)
			}
			data, wrapped := unhex(t, v.data), unhex(t, v.wrapped)
			got, ok := unwrapKey(kek, wrapped)
			if ok != (v.data != "") {
				t.Fatalf("unwrapped: %v", ok)
			}
			if !ok {
				return
			}
			if !bytes.Equal(got, data) {
				t.Errorf("unwrapped %x, want %x", got, data)
			}
			if got := wrapKey(kek, data); !bytes.Equal(got, wrapped) {
				t.Errorf("wrapped %x, want %x", got, wrapped)
			}
		})
	}
}

func TestKeyWrapRefusesOtherLengths(t *testing.T) {
	kek, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 8, 16, 23, 25, 39, 41} {
		if _, ok := unwrapKey(kek, make([]byte, n)); ok {
			t.Errorf("%d bytes unwrapped", n)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
