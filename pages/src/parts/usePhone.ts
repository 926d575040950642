import { ref, type Ref } from 'vue'

const query = window.matchMedia('screen and (width <= 760px)')
const phone = ref(query.matches)
query.addEventListener('change', () => {
  phone.value = query.matches
})

/** True on a screen as narrow as a phone's. */
export const usePhone = (): Readonly<Ref<boolean>> => phone
